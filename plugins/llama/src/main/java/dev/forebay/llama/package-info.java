/**
 * The backend {@code llama}: quantized models in the gateway's own process, by llama.cpp.
 *
 * <p>A request waits in {@link dev.forebay.llama.Slots}, runs on one of its threads as an {@link
 * dev.forebay.llama.Answering}, and hands its tokens over to the timeline of its call.
 */
@NullMarked
package dev.forebay.llama;

import org.jspecify.annotations.NullMarked;
