/** The balancer {@code prefix-affinity}. */
@NullMarked
package dev.forebay.balancing.prefixaffinity;

import org.jspecify.annotations.NullMarked;
