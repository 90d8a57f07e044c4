/** The administration listener: state, endpoints, cached answers. */
@NullMarked
package dev.forebay.administration;

import org.jspecify.annotations.NullMarked;
