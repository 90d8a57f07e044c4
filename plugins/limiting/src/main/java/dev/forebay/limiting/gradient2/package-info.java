/** The concurrency limiter {@code gradient2}. */
@NullMarked
package dev.forebay.limiting.gradient2;

import org.jspecify.annotations.NullMarked;
