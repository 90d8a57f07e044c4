/** Limits that several gateways share by a Redis: leased in the background, decided locally. */
@NullMarked
package dev.forebay.redis.limits;

import org.jspecify.annotations.NullMarked;
