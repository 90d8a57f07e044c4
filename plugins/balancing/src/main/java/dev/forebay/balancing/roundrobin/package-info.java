/** The balancer {@code round-robin}. */
@NullMarked
package dev.forebay.balancing.roundrobin;

import org.jspecify.annotations.NullMarked;
