/** Certificates and keys of a listener. */
@NullMarked
package dev.forebay.edge.tls;

import org.jspecify.annotations.NullMarked;
