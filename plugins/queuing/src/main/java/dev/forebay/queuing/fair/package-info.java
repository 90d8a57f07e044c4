/** The queue {@code fair}. */
@NullMarked
package dev.forebay.queuing.fair;

import org.jspecify.annotations.NullMarked;
