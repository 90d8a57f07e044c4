/** Jobs in a Redis: states, bodies, events and results. */
@NullMarked
package dev.forebay.redis.jobs;

import org.jspecify.annotations.NullMarked;
