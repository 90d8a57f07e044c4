/** A plugin of one's own: the balancer {@code cheapest-first}. */
@NullMarked
package dev.forebay.examples.cheapestfirst;

import org.jspecify.annotations.NullMarked;
