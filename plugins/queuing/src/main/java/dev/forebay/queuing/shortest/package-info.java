/** The queue {@code shortest}. */
@NullMarked
package dev.forebay.queuing.shortest;

import org.jspecify.annotations.NullMarked;
