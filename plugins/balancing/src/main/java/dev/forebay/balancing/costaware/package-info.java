/** The balancer {@code cost-aware}. */
@NullMarked
package dev.forebay.balancing.costaware;

import org.jspecify.annotations.NullMarked;
