package dev.forebay.core.limiting;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much of a prompt endpoints are likely to have cached: what it shares, from its beginning on,
 * with prompts that were answered, times the share of such tokens that answers said were cached.
 * Endpoints that never say so are expected to have nothing cached. The blocks that are remembered
 * are bounded, least recently used first out.
 */
final class Prefixes {

  /** Blocks of prompts that are remembered. */
  static final int MOST_BLOCKS = 100_000;

  private static final double SMOOTHING = 0.02;

  private final Map<Long, Boolean> seen =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > MOST_BLOCKS;
        }
      };

  private double cachedShare = 1;

  /** Tokens of its prompt that are likely to be cached. */
  long cachedTokens(RequestInfo request) {
    return (long) (cachedShare * sharedTokens(request));
  }

  /** Learns from a complete answer that was made for the request. */
  void learn(RequestInfo request, Usage usage) {
    double shared = sharedTokens(request);
    if (shared > 0) {
      double share = Math.clamp(usage.cachedTokens() / shared, 0, 1);
      cachedShare += SMOOTHING * (share - cachedShare);
    }
    PrefixHashes prefix = request.prefix();
    for (int i = prefix.size() - 1; i >= 0; i--) {
      seen.put(prefix.get(i), Boolean.TRUE);
    }
  }

  /** As many blocks as are known from the beginning on, all taken to be of one length. */
  private double sharedTokens(RequestInfo request) {
    PrefixHashes prefix = request.prefix();
    int known = 0;
    while (known < prefix.size() && seen.containsKey(prefix.get(known))) {
      known++;
    }
    return prefix.size() == 0 ? 0 : (double) request.promptTokens() * known / prefix.size();
  }
}
