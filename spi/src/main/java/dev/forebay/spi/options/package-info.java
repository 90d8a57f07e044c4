/** How plugins declare their options: each once, as a component of a record. */
@NullMarked
package dev.forebay.spi.options;

import org.jspecify.annotations.NullMarked;
