/** Scaling policy {@code queue}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.queue;
