/** Other attempts: retries, hedges, other pools, and the deadline that bounds them all. */
@NullMarked
package dev.forebay.core.retrying;

import org.jspecify.annotations.NullMarked;
