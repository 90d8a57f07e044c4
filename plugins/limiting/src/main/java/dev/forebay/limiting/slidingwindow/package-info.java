/** The rate limiter {@code sliding-window}. */
@NullMarked
package dev.forebay.limiting.slidingwindow;

import org.jspecify.annotations.NullMarked;
