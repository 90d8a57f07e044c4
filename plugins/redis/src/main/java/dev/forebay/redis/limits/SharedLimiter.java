package dev.forebay.redis.limits;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.List;

/** Limits with the store that they share, which is closed with them. */
record SharedLimiter(RateLimiter limits, LeaseStore store) implements RateLimiter, Lifecycle {

  @Override
  public Future<Decision> acquire(RequestInfo request, Amount expected) {
    return limits.acquire(request, expected);
  }

  @Override
  public List<Standing> standing(RequestInfo request) {
    return limits.standing(request);
  }

  @Override
  public boolean change(String limit, String key, double quota) {
    return limits.change(limit, key, quota);
  }

  @Override
  public Future<Void> close() {
    return store.close();
  }
}
