/** The command line. */
@NullMarked
package dev.forebay.replay.cli;

import org.jspecify.annotations.NullMarked;
