/** The store of dead letters {@code letter-ring}. */
@NullMarked
package dev.forebay.queuing.letterring;

import org.jspecify.annotations.NullMarked;
