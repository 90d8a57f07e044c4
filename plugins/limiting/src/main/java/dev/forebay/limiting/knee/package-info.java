/** The concurrency limiter {@code knee}. */
@NullMarked
package dev.forebay.limiting.knee;

import org.jspecify.annotations.NullMarked;
