/** Warm-ups: requests sent to a running gateway while it has nothing better to do. */
@NullMarked
package dev.forebay.replay.warm;

import org.jspecify.annotations.NullMarked;
