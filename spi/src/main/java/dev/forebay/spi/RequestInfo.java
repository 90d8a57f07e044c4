package dev.forebay.spi;

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
    RequestTraits traits,
    long arrivedNanos,
    long deadlineNanos) {

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

  /** A request without special traits. */
  public RequestInfo(
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
      long arrivedNanos,
      long deadlineNanos) {
    this(
        id,
        operation,
        model,
        stream,
        caller,
        priority,
        promptTokens,
        maxOutputTokens,
        promptKey,
        prefix,
        cacheMode,
        RequestTraits.PLAIN,
        arrivedNanos,
        deadlineNanos);
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
        arrivedNanos,
        Long.MAX_VALUE);
  }

  /** This request with another deadline, in nanoseconds of its own timeline. */
  public RequestInfo withDeadline(long nanos) {
    return new RequestInfo(
        id,
        operation,
        model,
        stream,
        caller,
        priority,
        promptTokens,
        maxOutputTokens,
        promptKey,
        prefix,
        cacheMode,
        traits,
        arrivedNanos,
        nanos);
  }

  /** This request for another model. */
  public RequestInfo withModel(String other) {
    return new RequestInfo(
        id,
        operation,
        other,
        stream,
        caller,
        priority,
        promptTokens,
        maxOutputTokens,
        promptKey,
        prefix,
        cacheMode,
        traits,
        arrivedNanos,
        deadlineNanos);
  }

  /** This request with another priority. */
  public RequestInfo withPriority(int other) {
    return new RequestInfo(
        id,
        operation,
        model,
        stream,
        caller,
        other,
        promptTokens,
        maxOutputTokens,
        promptKey,
        prefix,
        cacheMode,
        traits,
        arrivedNanos,
        deadlineNanos);
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

  /** This request with other traits. */
  public RequestInfo withTraits(RequestTraits other) {
    return new RequestInfo(
        id,
        operation,
        model,
        stream,
        caller,
        priority,
        promptTokens,
        maxOutputTokens,
        promptKey,
        prefix,
        cacheMode,
        other,
        arrivedNanos,
        deadlineNanos);
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
