/** Keeps the routes that plugins add to the listeners of a gateway. */
@NullMarked
package dev.forebay.core.routes;

import org.jspecify.annotations.NullMarked;
