/** The source of endpoints {@code consul}. */
@NullMarked
package dev.forebay.consul;

import org.jspecify.annotations.NullMarked;
