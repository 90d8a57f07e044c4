/** A section as a plugin: one record, and one line that names it. */
@NullMarked
package dev.forebay.examples.servedlog;

import org.jspecify.annotations.NullMarked;
