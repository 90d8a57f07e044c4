/** Evaluates alert rules over runs in virtual time. */
@NullMarked
package dev.forebay.replay.rules;

import org.jspecify.annotations.NullMarked;
