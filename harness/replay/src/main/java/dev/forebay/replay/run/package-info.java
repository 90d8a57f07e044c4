/** Scenarios, combinations of plugins, their runs in virtual time, and reports. */
@NullMarked
package dev.forebay.replay.run;

import org.jspecify.annotations.NullMarked;
