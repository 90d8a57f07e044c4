package dev.forebay.redis.limits;

import dev.forebay.conformance.Amounts;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Decision;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** Gateways that share a Redis in virtual time, and what they have admitted of one caller. */
final class Fleet {

  final TestContext time = TestContext.create();
  final VirtualRedis redis = new VirtualRedis(time.timeline());
  final List<TestContext> contexts = new ArrayList<>();
  final List<RateLimiter> gateways = new ArrayList<>();

  /** When requests were admitted, in nanoseconds, and what they took. */
  final List<long[]> admitted = new ArrayList<>();

  final List<RateLimiter.Reservation> held = new ArrayList<>();
  int refused;
  int waited;
  private int ids;

  Fleet(int size, Plugin<RateLimiter> plugin) {
    for (int i = 0; i < size; i++) {
      TestContext context =
          TestContext.of("gateway-" + i, i + 1, time.timeline())
              .lend(RedisScripts.Connector.class, redis);
      contexts.add(context);
      gateways.add(plugin.create(context));
    }
  }

  RequestInfo request() {
    return Requests.chat("r" + ids++, Requests.caller(1), time.timeline().nanos());
  }

  Future<Decision> ask(int gateway) {
    return ask(gateway, Amounts.EXPECTED);
  }

  /** A request of the one caller; what is admitted is kept, with when. */
  Future<Decision> ask(int gateway, Amount expected) {
    Future<Decision> asked = gateways.get(gateway).acquire(request(), expected);
    waited += asked.isComplete() ? 0 : 1;
    return asked.onSuccess(
        decision -> {
          if (decision instanceof Admit admit) {
            admitted.add(new long[] {time.timeline().nanos(), 1});
            held.add(admit.reservation());
          } else {
            refused++;
          }
        });
  }

  /** Requests at one gateway, the same time apart, for some time. */
  void load(int gateway, long everyNanos, long forNanos) {
    long end = time.timeline().nanos() + forNanos;
    time.timeline().after(0, () -> again(gateway, everyNanos, end));
  }

  private void again(int gateway, long everyNanos, long end) {
    if (time.timeline().nanos() < end) {
      ask(gateway);
      time.timeline().after(everyNanos, () -> again(gateway, everyNanos, end));
    }
  }

  /** The most that was admitted in any time of a length. */
  int mostIn(long nanos) {
    int most = 0;
    for (int from = 0, to = 0; to < admitted.size(); to++) {
      while (admitted.get(to)[0] - admitted.get(from)[0] > nanos) {
        from++;
      }
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  long questions() {
    return contexts.stream().mapToLong(each -> each.count("questions")).sum();
  }
}
