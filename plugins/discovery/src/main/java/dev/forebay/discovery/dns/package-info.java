/** The source of endpoints {@code dns}. */
@NullMarked
package dev.forebay.discovery.dns;

import org.jspecify.annotations.NullMarked;
