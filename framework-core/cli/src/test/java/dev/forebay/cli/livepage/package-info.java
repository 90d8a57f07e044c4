/** The live page in a real browser. */
@NullMarked
package dev.forebay.cli.livepage;

import org.jspecify.annotations.NullMarked;
