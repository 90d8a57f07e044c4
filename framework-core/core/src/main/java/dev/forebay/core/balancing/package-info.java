/**
 * A pool: its members and their health, and the choice of one of them for each attempt of a
 * request.
 */
@NullMarked
package dev.forebay.core.balancing;

import org.jspecify.annotations.NullMarked;
