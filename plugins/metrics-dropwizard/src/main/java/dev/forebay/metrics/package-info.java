/** Metrics of a gateway for Prometheus and Dropwizard. */
@NullMarked
package dev.forebay.metrics;

import org.jspecify.annotations.NullMarked;
