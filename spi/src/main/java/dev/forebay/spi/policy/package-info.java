/** The kinds of policies, one interface each, and the values that they decide on. */
@NullMarked
package dev.forebay.spi.policy;

import org.jspecify.annotations.NullMarked;
