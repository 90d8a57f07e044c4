/** What tests of balancers share. */
@NullMarked
package dev.forebay.balancing;

import org.jspecify.annotations.NullMarked;
