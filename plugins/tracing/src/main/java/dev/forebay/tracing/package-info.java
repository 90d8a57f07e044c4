/** Spans of requests for OpenTelemetry. */
@NullMarked
package dev.forebay.tracing;

import org.jspecify.annotations.NullMarked;
