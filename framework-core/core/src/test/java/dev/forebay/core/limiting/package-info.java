@NullMarked
package dev.forebay.core.limiting;

import org.jspecify.annotations.NullMarked;
