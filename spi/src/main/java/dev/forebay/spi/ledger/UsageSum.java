package dev.forebay.spi.ledger;

/**
 * What a group of requests used.
 *
 * @param group the value that they share, such as a model
 * @param requests how many
 * @param promptTokens of prompts, cached ones included
 * @param cachedTokens of prompts that upstreams had in their prefix caches
 * @param completionTokens of answers, reasoning included
 * @param reasoningTokens of answers that were reasoning
 * @param replayedTokens of prompts and answers that were used for another request before; they are
 *     in no other figure
 * @param nanodollars what they cost, in billionths of a US dollar
 */
public record UsageSum(
    String group,
    long requests,
    long promptTokens,
    long cachedTokens,
    long completionTokens,
    long reasoningTokens,
    long replayedTokens,
    long nanodollars) {

  /** Nothing yet. */
  public static UsageSum none(String group) {
    return new UsageSum(group, 0, 0, 0, 0, 0, 0, 0);
  }

  /** The sum with a record more. */
  public UsageSum plus(UsageRecord record) {
    boolean replayed = record.usage().replayed();
    long times = replayed ? 0 : 1;
    return plus(
        new UsageSum(
            group,
            1,
            times * record.usage().promptTokens(),
            times * record.usage().cachedTokens(),
            times * record.usage().completionTokens(),
            times * record.usage().reasoningTokens(),
            replayed ? record.usage().totalTokens() : 0,
            record.nanodollars()));
  }

  /** Both together, under this group. */
  public UsageSum plus(UsageSum other) {
    return new UsageSum(
        group,
        requests + other.requests,
        promptTokens + other.promptTokens,
        cachedTokens + other.cachedTokens,
        completionTokens + other.completionTokens,
        reasoningTokens + other.reasoningTokens,
        replayedTokens + other.replayedTokens,
        nanodollars + other.nanodollars);
  }

  /** Tokens of prompts and answers. */
  public long tokens() {
    return promptTokens + completionTokens;
  }
}
