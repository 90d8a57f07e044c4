/** The cache {@code lru}. */
@NullMarked
package dev.forebay.caching.lru;

import org.jspecify.annotations.NullMarked;
