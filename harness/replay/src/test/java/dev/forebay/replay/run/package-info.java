/** Tests of scenarios, runs and reports. */
@NullMarked
package dev.forebay.replay.run;

import org.jspecify.annotations.NullMarked;
