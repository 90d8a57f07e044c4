/** Virtual time: a clock that moves from event to event, for tests and replays. */
@NullMarked
package dev.forebay.timeline;

import org.jspecify.annotations.NullMarked;
