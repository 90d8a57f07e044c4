/** The queue {@code fifo}. */
@NullMarked
package dev.forebay.queuing.fifo;

import org.jspecify.annotations.NullMarked;
