/** Examples that the guide quotes: compiled, and tested. */
@NullMarked
package dev.forebay.examples;

import org.jspecify.annotations.NullMarked;
