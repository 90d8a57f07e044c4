/** Scaling target {@code none}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.none;
