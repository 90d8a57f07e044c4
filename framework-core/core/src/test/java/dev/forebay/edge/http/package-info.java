/** Tests of the HTTP surface, over real connections. */
@NullMarked
package dev.forebay.edge.http;

import org.jspecify.annotations.NullMarked;
