/** Scaling policy {@code predictive}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.predictive;
