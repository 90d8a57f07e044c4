/** Traces and logs of requests, as their readers get them. */
@NullMarked
package dev.forebay.examples.tracing;

import org.jspecify.annotations.NullMarked;
