/** Health policy {@code max-fails}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.balancing.maxfails;
