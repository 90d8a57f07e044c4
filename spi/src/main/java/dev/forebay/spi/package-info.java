/** The kernel and the service provider interfaces: all that a plugin author compiles against. */
@NullMarked
package dev.forebay.spi;

import org.jspecify.annotations.NullMarked;
