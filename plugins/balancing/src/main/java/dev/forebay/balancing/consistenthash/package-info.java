/** The balancer {@code consistent-hash}. */
@NullMarked
package dev.forebay.balancing.consistenthash;

import org.jspecify.annotations.NullMarked;
