/** The concurrency limiter {@code fixed}. */
@NullMarked
package dev.forebay.limiting.fixed;

import org.jspecify.annotations.NullMarked;
