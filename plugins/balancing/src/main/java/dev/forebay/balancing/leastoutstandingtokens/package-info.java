/** The balancer {@code least-outstanding-tokens}. */
@NullMarked
package dev.forebay.balancing.leastoutstandingtokens;

import org.jspecify.annotations.NullMarked;
