package dev.forebay.simulation;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import java.util.SplittableRandom;

/** What the answer to a request is by its nature: known to the simulation, not to policies. */
@FunctionalInterface
public interface AnswerLength {

  /** Mean of {@link #lognormal(long)}, in tokens: that of the Azure conversation trace of 2023. */
  double MEAN_TOKENS = 211;

  /**
   * Median of {@link #lognormal(long)}, in tokens: that of the Azure conversation trace of 2023.
   */
  double MEDIAN_TOKENS = 129;

  /**
   * The length of an answer, in tokens, at least 1. The server cuts it to the caller's bound. It
   * must be the same each time that it is asked about a request.
   */
  int tokens(InferenceRequest request);

  /**
   * Which question the answer answers: equal for two requests exactly if an answer to one is right
   * for the other. By default that is so for equal prompts to the same model.
   */
  default AnswerIdentity identity(InferenceRequest request) {
    PromptKey key = request.info().promptKey();
    long prompt =
        key == null
            ? Chance.hash(request.info().id())
            : Chance.mix(key.high()) ^ Chance.mix(~key.low());
    return new AnswerIdentity(
        request.info().caller().tenant().hashCode(), prompt ^ Chance.hash(request.info().model()));
  }

  /** Tokens that a block of the prompts' prefix hashes covers, at least 1. */
  default int blockTokens() {
    return ServerParameters.BLOCK_TOKENS;
  }

  /**
   * Lengths from a lognormal distribution with {@link #MEAN_TOKENS} and {@link #MEDIAN_TOKENS}, by
   * a hash of the prompt's identity, or else of the request's id: the same prompt gets an answer of
   * the same length, at every server.
   */
  static AnswerLength lognormal(long seed) {
    double sigma = Math.sqrt(2 * Math.log(MEAN_TOKENS / MEDIAN_TOKENS));
    return request -> {
      PromptKey key = request.info().promptKey();
      long hash = key == null ? Chance.hash(request.info().id()) : key.high() ^ key.low();
      SplittableRandom random = Chance.of(seed, hash);
      double tokens = MEDIAN_TOKENS * Math.exp(sigma * random.nextGaussian());
      return (int) Math.max(1, Math.min(1_000_000, Math.round(tokens)));
    };
  }
}
