/** Tests of alert rules over runs. */
@NullMarked
package dev.forebay.replay.rules;

import org.jspecify.annotations.NullMarked;
