/** The balancer {@code least-connections}. */
@NullMarked
package dev.forebay.balancing.leastconnections;

import org.jspecify.annotations.NullMarked;
