/** The rate limiter {@code quota}. */
@NullMarked
package dev.forebay.limiting.quota;

import org.jspecify.annotations.NullMarked;
