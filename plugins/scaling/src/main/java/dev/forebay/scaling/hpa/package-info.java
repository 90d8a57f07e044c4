/** Scaling policy {@code hpa}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.hpa;
