/** Real processes that die and come back. */
@NullMarked
package dev.forebay.replay.live;

import org.jspecify.annotations.NullMarked;
