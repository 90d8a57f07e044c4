package dev.forebay.balancing.consistenthash;

import dev.forebay.balancing.affinity.AffinityKey;
import dev.forebay.balancing.affinity.LoadBound;
import dev.forebay.balancing.affinity.Rendezvous;
import dev.forebay.balancing.consistenthash.ConsistentHash.By;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/** The first endpoint in the key's ranking that has room. It remembers nothing. */
final class ConsistentHashBalancer implements Balancer {

  private final By by;
  private final LoadBound bound;

  ConsistentHashBalancer(ConsistentHash options) {
    this.by = options.by();
    this.bound = new LoadBound(options.loadBound(), options.always());
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    bound.measure(candidates);
    return Rendezvous.choose(key(request), candidates, bound);
  }

  private long key(RequestInfo request) {
    return switch (by) {
      case SESSION -> key(AffinityKey.SESSION, request);
      case USER -> key(AffinityKey.USER, request);
      case TENANT -> key(AffinityKey.TENANT, request);
      case KEY -> key(AffinityKey.KEY, request);
      case ADDRESS -> key(AffinityKey.ADDRESS, request);
      case PROMPT -> prompt(request);
      case PREFIX ->
          request.prefix().size() == 0 ? prompt(request) : Rendezvous.mix(request.prefix().get(0));
    };
  }

  private static long prompt(RequestInfo request) {
    PromptKey key = request.promptKey();
    return key == null ? key(AffinityKey.ADDRESS, request) : Rendezvous.mix(key.low());
  }

  private static long key(AffinityKey kind, RequestInfo request) {
    String text = kind.of(request);
    return Rendezvous.hash(text.isEmpty() ? request.caller().address() : text);
  }
}
