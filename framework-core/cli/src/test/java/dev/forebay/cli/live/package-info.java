/** Real processes that die and come back. */
@NullMarked
package dev.forebay.cli.live;

import org.jspecify.annotations.NullMarked;
