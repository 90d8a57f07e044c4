/** The twin of a Redis in virtual time: the same plugin, above a server that is modelled. */
@NullMarked
package dev.forebay.redis.twin;

import org.jspecify.annotations.NullMarked;
