/** What Forebay costs: in virtual time, on the wire, and for each decision and chunk. */
@NullMarked
package dev.forebay.benchmarks;

import org.jspecify.annotations.NullMarked;
