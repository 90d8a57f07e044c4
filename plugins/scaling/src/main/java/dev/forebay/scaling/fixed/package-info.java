/** Scaling policy {@code fixed}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.fixed;
