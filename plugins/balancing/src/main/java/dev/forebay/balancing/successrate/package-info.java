/** Health policy {@code success-rate}. */
@org.jspecify.annotations.NullMarked
package dev.forebay.balancing.successrate;
