/** Routes that plugins add to the listeners of a gateway. */
@NullMarked
package dev.forebay.spi.http;

import org.jspecify.annotations.NullMarked;
