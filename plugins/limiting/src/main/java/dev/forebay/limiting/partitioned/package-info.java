/** The concurrency limiter {@code partitioned}. */
@NullMarked
package dev.forebay.limiting.partitioned;

import org.jspecify.annotations.NullMarked;
