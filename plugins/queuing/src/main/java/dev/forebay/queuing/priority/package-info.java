/** The queue {@code priority}. */
@NullMarked
package dev.forebay.queuing.priority;

import org.jspecify.annotations.NullMarked;
