/** Model files of llama.cpp: reading, writing, quantizing, and random ones for tests. */
@NullMarked
package dev.forebay.gguf;

import org.jspecify.annotations.NullMarked;
