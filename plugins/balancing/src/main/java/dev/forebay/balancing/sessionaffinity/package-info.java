/** The balancer {@code session-affinity}. */
@NullMarked
package dev.forebay.balancing.sessionaffinity;

import org.jspecify.annotations.NullMarked;
