/** The caller of a request: its address, its API key, its session. */
@NullMarked
package dev.forebay.edge.identity;

import org.jspecify.annotations.NullMarked;
