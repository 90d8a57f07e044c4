/**
 * What a plugin tells of itself, and how it is read.
 *
 * <p>One rule for names, which fits Prometheus and OpenMetrics: lower-case words joined by {@code
 * _}. A unit is the last word, and a base unit: {@code _seconds}, {@code _bytes}, {@code _tokens}.
 * Money is counted in whole {@code nanodollars}, so that sums are exact. A name has no ending that
 * a writer adds by itself ({@code _total} for counters, {@code _bucket}, {@code _sum}, {@code
 * _count} for histograms). What differs between series of one metric is a label, not a part of the
 * name. The part of the gateway that a metric belongs to is known from its context.
 */
@NullMarked
package dev.forebay.spi.metrics;

import org.jspecify.annotations.NullMarked;
