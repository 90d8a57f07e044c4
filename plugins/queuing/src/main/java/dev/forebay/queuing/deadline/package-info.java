/** The queue {@code deadline}. */
@NullMarked
package dev.forebay.queuing.deadline;

import org.jspecify.annotations.NullMarked;
