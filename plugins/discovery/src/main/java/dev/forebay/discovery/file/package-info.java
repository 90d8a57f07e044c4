/** The source of endpoints {@code file}. */
@NullMarked
package dev.forebay.discovery.file;

import org.jspecify.annotations.NullMarked;
