/** The backend {@code openai}: any server with an OpenAI-compatible API. */
@NullMarked
package dev.forebay.openai;

import org.jspecify.annotations.NullMarked;
