/** The simulated inference server. */
@NullMarked
package dev.forebay.simulation;

import org.jspecify.annotations.NullMarked;
