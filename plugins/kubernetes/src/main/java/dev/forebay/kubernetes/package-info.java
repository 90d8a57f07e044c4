/** The source of endpoints {@code kubernetes}. */
@NullMarked
package dev.forebay.kubernetes;

import org.jspecify.annotations.NullMarked;
