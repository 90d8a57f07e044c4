/** Fuzz targets: what must hold of any input. */
@NullMarked
package dev.forebay.fuzz;

import org.jspecify.annotations.NullMarked;
