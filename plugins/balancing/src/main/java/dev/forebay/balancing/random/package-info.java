/** The balancer {@code random}. */
@NullMarked
package dev.forebay.balancing.random;

import org.jspecify.annotations.NullMarked;
