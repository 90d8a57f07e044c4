/** The live page in a real browser. */
@NullMarked
package dev.forebay.replay.livepage;

import org.jspecify.annotations.NullMarked;
