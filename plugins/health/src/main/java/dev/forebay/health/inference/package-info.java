/** The health probe {@code inference}. */
@NullMarked
package dev.forebay.health.inference;

import org.jspecify.annotations.NullMarked;
