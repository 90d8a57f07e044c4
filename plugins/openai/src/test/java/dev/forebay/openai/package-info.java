/** Tests of the backend, against upstreams that misbehave. */
@NullMarked
package dev.forebay.openai;

import org.jspecify.annotations.NullMarked;
