@NullMarked
package dev.forebay.core;

import org.jspecify.annotations.NullMarked;
