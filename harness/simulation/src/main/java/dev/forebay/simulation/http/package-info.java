/** The simulated inference server over HTTP: an OpenAI-compatible upstream for trials and tests. */
@NullMarked
package dev.forebay.simulation.http;

import org.jspecify.annotations.NullMarked;
