/** The concurrency limiter {@code aimd}. */
@NullMarked
package dev.forebay.limiting.aimd;

import org.jspecify.annotations.NullMarked;
