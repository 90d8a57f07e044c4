package dev.forebay.spi;

import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What policies may see of a request: never the prompt. What a trace cannot carry is not here.
 *
 * @param id unique in the gateway, and in the logs of all who see the request
 * @param operation what it asks for
 * @param model the model that the caller named
 * @param stream whether the answer is to be streamed
 * @param caller who sent it
 * @param priority 0 is the most urgent, {@link #LEAST_PRIORITY} the least
 * @param promptTokens length of the prompt; estimated if it is not known
 * @param maxOutputTokens the caller's bound on the answer; 0 if there is none
 * @param promptKey identity of the prompt; null if unknown, or if its answer must not be cached
 * @param prefix hashes of the prompt's leading blocks
 * @param cacheMode what the caller allows caches to do
 * @param traits what else decides whether and how a cache may answer it
 * @param arrivedNanos when it came, on its own timeline
 * @param deadlineNanos when the caller stops waiting, on the same timeline; {@link Long#MAX_VALUE}
 *     if never
 */
@RecordBuilder
public record RequestInfo(
    String id,
    Operation operation,
    String model,
    boolean stream,
    Caller caller,
    int priority,
    int promptTokens,
    int maxOutputTokens,
    @Nullable PromptKey promptKey,
    PrefixHashes prefix,
    CacheMode cacheMode,
    Traits traits,
    long arrivedNanos,
    long deadlineNanos)
    implements RequestInfoBuilder.With {

  /** The most urgent priority. */
  public static final int VIP = 0;

  /** The priority of those who have no other. */
  public static final int STANDARD = 1;

  /** Work that can wait. */
  public static final int BATCH = 2;

  /** The least urgent priority. */
  public static final int LEAST_PRIORITY = 7;

  /** Checks bounds. */
  public RequestInfo {
    if (priority < 0 || priority > LEAST_PRIORITY) {
      throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 7)");
    }
    if (promptTokens < 0) {
      throw new IllegalArgumentException("promptTokens: " + promptTokens + " (expected: >= 0)");
    }
  }

  /** A chat request of a caller, with everything else at its default. */
  public static RequestInfo chat(String id, String model, Caller caller, long arrivedNanos) {
    return new RequestInfo(
        id,
        Operation.CHAT,
        model,
        true,
        caller,
        STANDARD,
        0,
        0,
        null,
        PrefixHashes.NONE,
        CacheMode.DEFAULT,
        Traits.PLAIN,
        arrivedNanos,
        Long.MAX_VALUE);
  }

  /** This request with another prompt. */
  public RequestInfo withPrompt(int tokens, @Nullable PromptKey key, PrefixHashes blocks) {
    return new RequestInfo(
        id,
        operation,
        model,
        stream,
        caller,
        priority,
        tokens,
        maxOutputTokens,
        key,
        blocks,
        cacheMode,
        traits,
        arrivedNanos,
        deadlineNanos);
  }

  /**
   * What of a request's parameters decides how it may be answered from a cache: facts, never words
   * of the prompt.
   *
   * @param temperature the temperature that it asks for; NaN if it leaves that to the model
   * @param tools whether it offers tools or functions, so that its answer may be an action
   * @param includeUsage whether a streamed answer is to end with its usage
   */
  public record Traits(double temperature, boolean tools, boolean includeUsage) {

    /** A request that says nothing special. */
    public static final Traits PLAIN = new Traits(Double.NaN, false, false);
  }

  /** What a caller allows caches to do with a request. */
  public enum CacheMode {
    /** Look up, and store. */
    DEFAULT,
    /** Look up, but do not store. */
    NO_STORE,
    /** Do not look up, but store. */
    NO_CACHE,
    /** Look up, and answer 504 if there is nothing. */
    ONLY_IF_CACHED
  }
}
