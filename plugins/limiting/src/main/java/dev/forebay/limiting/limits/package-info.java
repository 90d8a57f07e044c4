/** The rate limiter {@code limits}. */
@NullMarked
package dev.forebay.limiting.limits;

import org.jspecify.annotations.NullMarked;
