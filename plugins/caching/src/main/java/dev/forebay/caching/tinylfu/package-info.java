/** The cache {@code tinylfu}. */
@NullMarked
package dev.forebay.caching.tinylfu;

import org.jspecify.annotations.NullMarked;
