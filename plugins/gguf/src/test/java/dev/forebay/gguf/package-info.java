/** Tests of model files. */
@NullMarked
package dev.forebay.gguf;

import org.jspecify.annotations.NullMarked;
