/** The source of endpoints {@code static-list}. */
@NullMarked
package dev.forebay.discovery.staticlist;

import org.jspecify.annotations.NullMarked;
