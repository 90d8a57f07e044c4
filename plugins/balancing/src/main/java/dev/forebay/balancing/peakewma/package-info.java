/** The balancer {@code peak-ewma}. */
@NullMarked
package dev.forebay.balancing.peakewma;

import org.jspecify.annotations.NullMarked;
