/** The balancer {@code power-of-two}. */
@NullMarked
package dev.forebay.balancing.poweroftwo;

import org.jspecify.annotations.NullMarked;
