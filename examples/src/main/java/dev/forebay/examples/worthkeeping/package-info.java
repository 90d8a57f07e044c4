/** A cache around another one. */
@NullMarked
package dev.forebay.examples.worthkeeping;

import org.jspecify.annotations.NullMarked;
