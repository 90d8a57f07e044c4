/** The queue {@code codel}. */
@NullMarked
package dev.forebay.queuing.codel;

import org.jspecify.annotations.NullMarked;
