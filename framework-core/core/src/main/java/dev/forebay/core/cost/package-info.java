/** Prices and tariffs, and what answers cost. */
@NullMarked
package dev.forebay.core.cost;

import org.jspecify.annotations.NullMarked;
