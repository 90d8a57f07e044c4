/** The cache {@code semantic}. */
@NullMarked
package dev.forebay.caching.semantic;

import org.jspecify.annotations.NullMarked;
