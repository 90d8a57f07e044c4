/** The rate limiter {@code leaky-bucket}. */
@NullMarked
package dev.forebay.limiting.leakybucket;

import org.jspecify.annotations.NullMarked;
