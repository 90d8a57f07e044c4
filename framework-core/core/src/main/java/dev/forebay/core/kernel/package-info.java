/**
 * What all mechanisms rest on: chains of filters, the guard around calls into plugins, timelines on
 * Vert.x, time-outs, counters.
 */
@NullMarked
package dev.forebay.core.kernel;

import org.jspecify.annotations.NullMarked;
