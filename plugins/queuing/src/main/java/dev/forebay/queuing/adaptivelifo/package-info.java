/** The queue {@code adaptive-lifo}. */
@NullMarked
package dev.forebay.queuing.adaptivelifo;

import org.jspecify.annotations.NullMarked;
