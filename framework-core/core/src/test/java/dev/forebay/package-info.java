@NullMarked
package dev.forebay;

import org.jspecify.annotations.NullMarked;
