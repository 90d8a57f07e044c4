/** The health probe {@code http}. */
@NullMarked
package dev.forebay.health.http;

import org.jspecify.annotations.NullMarked;
