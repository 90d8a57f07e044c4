/**
 * The backend {@code llama-server}: a child process with an OpenAI-compatible API, started, watched
 * and restarted. A crash of the engine costs one process, not the gateway.
 */
@NullMarked
package dev.forebay.llama.server;

import org.jspecify.annotations.NullMarked;
