/** A gateway that is served, end to end. */
@NullMarked
package dev.forebay.replay.served;

import org.jspecify.annotations.NullMarked;
