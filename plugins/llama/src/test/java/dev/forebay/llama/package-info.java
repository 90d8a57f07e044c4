/** Tests of the local model, on one of random weights: it answers noise, in the right form. */
@NullMarked
package dev.forebay.llama;

import org.jspecify.annotations.NullMarked;
