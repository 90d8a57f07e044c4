/** Streams of answers: recorded, replayed, guarded, and watched to their end. */
@NullMarked
package dev.forebay.core.stream;

import org.jspecify.annotations.NullMarked;
