/** The page of a comparison, in a browser. */
@NullMarked
package dev.forebay.cli.page;

import org.jspecify.annotations.NullMarked;
