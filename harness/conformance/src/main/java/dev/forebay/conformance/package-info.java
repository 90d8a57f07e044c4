/**
 * The conformance kit: one contract per kind of plugin, as test methods to inherit, and what tests
 * of plugins need besides. The rules are in {@code docs/spec.md}.
 */
@NullMarked
package dev.forebay.conformance;

import org.jspecify.annotations.NullMarked;
