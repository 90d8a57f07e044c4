/** The health probe {@code tcp}. */
@NullMarked
package dev.forebay.health.tcp;

import org.jspecify.annotations.NullMarked;
