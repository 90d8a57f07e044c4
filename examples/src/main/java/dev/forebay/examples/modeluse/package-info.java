/** A stage with labelled metrics and a route of its own. */
@NullMarked
package dev.forebay.examples.modeluse;

import org.jspecify.annotations.NullMarked;
