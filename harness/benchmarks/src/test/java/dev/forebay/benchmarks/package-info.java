/** The benchmarks run at all. */
@NullMarked
package dev.forebay.benchmarks;

import org.jspecify.annotations.NullMarked;
