/** Live mode: the gateway under test, its upstream and a client as processes, over real HTTP. */
@NullMarked
package dev.forebay.replay.live;

import org.jspecify.annotations.NullMarked;
