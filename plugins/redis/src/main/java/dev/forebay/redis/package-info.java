/** The cache {@code redis}: answers that gateways share in a Redis. */
@NullMarked
package dev.forebay.redis;

import org.jspecify.annotations.NullMarked;
