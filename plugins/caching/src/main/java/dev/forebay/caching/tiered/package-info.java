/** The cache {@code tiered}. */
@NullMarked
package dev.forebay.caching.tiered;

import org.jspecify.annotations.NullMarked;
