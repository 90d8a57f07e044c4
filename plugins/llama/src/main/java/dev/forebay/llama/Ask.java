package dev.forebay.llama;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks for, checked.
 *
 * @param messages of a chat; empty for others
 * @param texts the prompt of a completion, or the inputs of embeddings
 * @param maxTokens the caller's bound on the answer; 0 where there is none
 * @param sampling how tokens are chosen
 * @param usage whether a stream is to end with what it used
 * @param base64 whether embeddings are to be in base64
 * @param model the name that the caller used, said back
 */
record Ask(
    List<Engine.Message> messages,
    List<String> texts,
    int maxTokens,
    Engine.Sampling sampling,
    boolean usage,
    boolean base64,
    @Nullable String model) {}
