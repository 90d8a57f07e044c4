/** Tests of the HTTP surface, over real connections. */
@NullMarked
package dev.forebay.edge;

import org.jspecify.annotations.NullMarked;
