/** What scaling policies have in common: metrics, bounds, windows, rates of change. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.rules;
