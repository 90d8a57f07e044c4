package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What balancers are put through for the rules that need more than a few lines. */
final class BalancerTrials {

  private static final int ENDPOINTS = 4;
  private static final long QUICK_NANOS = 1_000_000_000L;
  private static final long SILENCE_NANOS = 10_000_000_000L;
  private static final int BEFORE_THE_END = 100;

  private BalancerTrials() {}

  /** Of 400 open requests of one caller for one prompt, how many the busiest of 4 has. */
  static int mostOpenOfOneCaller(Balancer balancer) {
    FakePool pool = new FakePool(balancer, FakeEndpoint.many("e", ENDPOINTS));
    for (int i = 0; i < 400; i++) {
      pool.dispatch(
          Requests.chat("r" + i, Requests.caller(1), 0)
              .withPrompt(Requests.PROMPT_TOKENS, Requests.key(1), Requests.prefix(1, 8)));
    }
    int most = 0;
    for (int i = 0; i < ENDPOINTS; i++) {
      most = Math.max(most, pool.picks("e" + i));
    }
    return most;
  }

  /** Of 400 requests, how many the idle one of 4 endpoints gets that fails 95 % of them at once. */
  static int picksOfFailingEndpoint(Balancer balancer) {
    List<FakeEndpoint> endpoints = FakeEndpoint.many("e", ENDPOINTS);
    endpoints.forEach(endpoint -> endpoint.inFlight(5).firstContentNanos(QUICK_NANOS / 2));
    endpoints.getFirst().inFlight(0).errorRate(0.95);
    FakePool pool = new FakePool(balancer, endpoints);
    for (int i = 0; i < 400; i++) {
      RequestInfo request = request(i, 0);
      FakeEndpoint at = pool.dispatch(request);
      boolean fails = at == endpoints.getFirst() && i % 20 != 0;
      pool.finish(
          at,
          request,
          fails ? Outcomes.failed(Status.OVERLOADED, 0, 1_000) : Outcomes.ok(0, QUICK_NANOS / 2));
    }
    return pool.picks("e0");
  }

  private static RequestInfo request(int number, long nowNanos) {
    return Requests.chat("r" + number, Requests.caller(number), nowNanos)
        .withPrompt(Requests.PROMPT_TOKENS, Requests.key(number), Requests.prefix(number, 4));
  }

  /** A request under way until a time. */
  private record Open(long untilNanos, FakeEndpoint at, RequestInfo request, long beganNanos) {}

  /**
   * Sends ten requests a second to four endpoints of which the first keeps everybody waiting: its
   * requests end after ten seconds without content. Figures are kept as the framework keeps them.
   *
   * @return how many of 1,000 it got
   */
  static int picksOfSilentEndpoint(Balancer balancer, TestContext context) {
    FakePool pool = new FakePool(balancer, FakeEndpoint.many("e", ENDPOINTS));
    PriorityQueue<Open> open = new PriorityQueue<>(Comparator.comparingLong(Open::untilNanos));
    for (int i = 0; i < 1_000; i++) {
      long now = context.timeline().nanos();
      for (Open over = open.peek(); over != null && over.untilNanos() <= now; over = open.peek()) {
        open.remove();
        pool.finish(over.at(), over.request(), ending(over, i));
      }
      RequestInfo request = request(i, now);
      FakeEndpoint at = pool.dispatch(request);
      open.add(new Open(now + (silent(at) ? SILENCE_NANOS : QUICK_NANOS), at, request, now));
      context.pass(QUICK_NANOS / 10);
    }
    return pool.picks("e0");
  }

  private static boolean silent(FakeEndpoint endpoint) {
    return endpoint.id().equals("e0");
  }

  private static Outcome ending(Open over, int number) {
    long began = over.beganNanos();
    if (silent(over.at())) {
      over.at().firstContentNanos(SILENCE_NANOS);
      Status status = number % 2 == 0 ? Status.STALLED : Status.TIMED_OUT;
      return Outcomes.failed(status, began, SILENCE_NANOS);
    }
    over.at().firstContentNanos(QUICK_NANOS / 2);
    return Outcomes.ok(began, QUICK_NANOS);
  }

  /**
   * Sets the numbers that a plugin may change, and those of its own objects that it holds, close to
   * their greatest values, as if it had counted for years.
   */
  static void age(Object plugin) {
    for (Object part : parts(plugin)) {
      for (Field field : fields(part)) {
        if (!Modifier.isFinal(field.getModifiers())) {
          age(part, field);
        }
      }
    }
  }

  private static void age(Object part, Field field) {
    try {
      if (field.getType() == int.class) {
        field.setInt(part, Integer.MAX_VALUE - BEFORE_THE_END);
      } else if (field.getType() == long.class) {
        field.setLong(part, Long.MAX_VALUE - BEFORE_THE_END);
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The plugin, and what it holds directly that comes from the same jar. */
  private static List<Object> parts(Object plugin) {
    List<Object> parts = new ArrayList<>(List.of(plugin));
    for (Field field : fields(plugin)) {
      Object held = read(plugin, field);
      if (held != null
          && !(held instanceof Record)
          && !(held instanceof Endpoint)
          && !(held instanceof Timeline)
          && !(held instanceof PluginContext)
          && source(held) == source(plugin)) {
        parts.add(held);
      }
    }
    return parts;
  }

  private static @Nullable Object source(Object object) {
    return object.getClass().getProtectionDomain().getCodeSource();
  }

  private static List<Field> fields(Object object) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> each = object.getClass(); each != null; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && field.trySetAccessible()) {
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static @Nullable Object read(Object owner, Field field) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends requests that are over at once, each with a prompt that nobody sent before. */
  static void prompts(Balancer balancer, int from, int to) {
    List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 2);
    List<Endpoint> all = List.copyOf(endpoints);
    balancer.members(all);
    RequestInfo plain = Requests.chat("r");
    Outcome ok = Outcomes.ok(0, 1_000_000);
    for (int i = from; i < to; i++) {
      RequestInfo request =
          plain.withPrompt(Requests.PROMPT_TOKENS, Requests.key(i), Requests.prefix(i, 2));
      Endpoint chosen = balancer.choose(request, all);
      balancer.dispatched(chosen, request);
      balancer.finished(chosen, request, ok);
    }
  }
}
