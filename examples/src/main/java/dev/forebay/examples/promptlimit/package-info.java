/** A stage as a plugin: one record, and one line that names it. */
@NullMarked
package dev.forebay.examples.promptlimit;

import org.jspecify.annotations.NullMarked;
