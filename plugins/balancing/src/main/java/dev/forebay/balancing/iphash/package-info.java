/** The balancer {@code ip-hash}. */
@NullMarked
package dev.forebay.balancing.iphash;

import org.jspecify.annotations.NullMarked;
