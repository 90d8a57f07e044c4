/** A gateway that is served, end to end. */
@NullMarked
package dev.forebay.cli.served;

import org.jspecify.annotations.NullMarked;
