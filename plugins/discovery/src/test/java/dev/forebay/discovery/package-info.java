/** Tests of discovery. */
@NullMarked
package dev.forebay.discovery;

import org.jspecify.annotations.NullMarked;
