/** The rate limiter {@code token-bucket}. */
@NullMarked
package dev.forebay.limiting.tokenbucket;

import org.jspecify.annotations.NullMarked;
