/** Limiter {@code per-member}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.scaling.permember;
