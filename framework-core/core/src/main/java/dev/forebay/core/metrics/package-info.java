/** Keeps what plugins tell of themselves: counters, gauges, histograms, with their labels. */
@NullMarked
package dev.forebay.core.metrics;

import org.jspecify.annotations.NullMarked;
