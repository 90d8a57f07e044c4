/** What tells the story of single requests, such as to a collector of traces. */
@NullMarked
package dev.forebay.spi.tracing;

import org.jspecify.annotations.NullMarked;
