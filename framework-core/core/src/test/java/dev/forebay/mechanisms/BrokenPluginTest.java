package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin that throws fails its request, is named and counted, and nothing else. */
class BrokenPluginTest {

  private Throwable boom = new IllegalStateException("boom");
  private int thrown;

  @ParameterizedTest
  @CsvSource({
    "RateLimiter, acquire, rate-limit",
    "Reservation, settle, ''",
    "ResponseCache, get, ''",
    "ResponseCache, put, ''",
    "ConcurrencyLimiter, acquire, admit",
    "ConcurrencyLimiter, limit, ''",
    "ConcurrencyLimiter, inFlight, ''",
    "Permit, release, ''",
    "RequestQueue, offer, admit",
    "RequestQueue, poll, ''",
    "RequestQueue, remove, ''",
    "RequestQueue, size, ''",
    "RequestQueue, finished, ''",
    "Balancer, choose, balance",
    "Balancer, dispatched, ''",
    "Balancer, finished, ''",
    "Balancer, members, ''",
    "HealthPolicy, finished, ''",
    "HealthPolicy, members, ''",
    "Backend, serve, a",
    "Backend, load, ''",
    "Backend, close, ''",
    "Filter, serve, filter",
  })
  void isNamedAndCounted(String kind, String method, String named) {
    for (Throwable each : List.of(new IllegalStateException("boom"), new Error("boom"))) {
      boom = each;
      thrown = 0;
      isContained(kind, method, named);
    }
  }

  private void isContained(String kind, String method, String named) {
    World world = world(kind, method);
    for (int i = 0; i < 10; i++) {
      Client client = world.send(new PromptKey(1, i));
      if (i == 9) {
        world.time.after(millis(1), client::leave);
      }
    }
    world.time.run();
    world.gateway().stateNow();
    world.gateway().close();
    world.settle();
    assertTrue(thrown > 0, "never called");
    if (!method.equals("size") && !method.equals("inFlight")) { // read by gauges only
      assertTrue(world.errors() > 0, "not counted");
    }
    List<Client> failed = new ArrayList<>(world.clients);
    failed.removeIf(client -> client.ok() || client.status() == Status.CANCELLED);
    assertEquals(named.isEmpty(), failed.isEmpty(), () -> "failed: " + failed.size());
    for (Client client : failed) {
      Failure failure = client.failure;
      assertEquals(Status.INTERNAL, client.status());
      assertTrue(
          failure != null && String.valueOf(failure.getMessage()).contains("plugin " + named + " "),
          () -> "not named: " + failure);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RateLimiter, acquire, rate-limit, limiter",
    "ConcurrencyLimiter, acquire, admit, permits",
    "Balancer, choose, balance, balancer",
    "Backend, serve, a, a",
    "Backend, close, '', a",
    "Filter, serve, filter, ''",
    "ResponseCache, get, '', store",
  })
  void mayNotAnswerNull(String kind, String method, String named, String plugin) {
    World world = world(kind, method + "=null");
    world.send(new PromptKey(1, 1));
    Client client = world.send(new PromptKey(1, 2));
    world.settle();
    world.gateway().close();
    assertTrue(world.errors() > 0, "not counted");
    assertEquals(named.isEmpty() ? Status.OK : Status.INTERNAL, client.status());
    String line = String.valueOf(world.gateway().pluginError());
    assertTrue(line.contains(method + " returned null"), line);
    assertTrue(plugin.isEmpty() || line.startsWith(plugin + " ("), line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"filter", "balance", "a"})
  void mayCallItselfWithoutEnd(String named) {
    Scripted backend =
        new Scripted(
            "a",
            self -> request -> named.equals("a") ? endless(1) : self.streams(1, 0).apply(request));
    World world = new World(1, backend);
    world.build(
        p ->
            p.filter(
                    "filter",
                    (request, next) -> named.equals("filter") ? endless(1) : next.serve(request))
                .balance(
                    NamedPlugin.of(
                        Balancer.class,
                        "balancer",
                        context ->
                            (request, candidates) -> {
                              if (named.equals("balance")) {
                                endless(1);
                              }
                              return candidates.get(0);
                            })));
    Client client = world.send();
    world.settle();
    assertEquals(Status.INTERNAL, client.status());
    assertEquals(1, world.errors());
    assertTrue(String.valueOf(client.failure).contains("plugin " + named + " "), named);
  }

  private static Future<InferenceResponse> endless(int depth) {
    return depth < 0 ? Future.failedFuture("never") : endless(depth + 1).map(answer -> answer);
  }

  @Test
  void isSeenInItsStreamToo() {
    for (Scripted.Act act :
        List.of(
            self()
                .unruly(
                    number -> {
                      throw new IllegalStateException("next");
                    }),
            self().unruly(number -> Future.failedFuture(new IllegalStateException("failed"))),
            self().unruly(number -> Future.succeededFuture(null)))) {
      World world = new World(1, new Scripted("a", self -> act)).build(p -> p.retry(2));
      Client client = world.send();
      world.settle();
      assertEquals(Status.INTERNAL, client.status());
      assertEquals(1, world.errors());
      assertTrue(String.valueOf(client.failure).contains("plugin a "), () -> "" + client.failure);
    }
  }

  /** A request gets its answer, and the test fails: an assertion in a fake must not be lost. */
  @ParameterizedTest
  @CsvSource({
    "Balancer, choose",
    "Backend, serve",
    "RateLimiter, acquire",
    "ConcurrencyLimiter, acquire",
    "ResponseCache, get",
    "Filter, serve",
  })
  void whoseAssertionFailsFailsAVirtualRunAfterItsRequestWasAnswered(String kind, String method) {
    boom = new AssertionError("expected: <1> but was: <2>");
    World world = world(kind, method);
    Client client = world.send(new PromptKey(1, 1));
    AssertionError again = assertThrows(AssertionError.class, world.time::run);
    assertEquals(boom, again);
    for (int i = 0; i < 10 && !client.over(); i++) {
      try {
        world.time.run();
      } catch (AssertionError e) {
        assertEquals(boom, e);
      }
    }
    assertTrue(client.over(), "no answer");
    assertTrue(world.errors() > 0, "not counted");
  }

  @Test
  void failsAVirtualRunWhereItIsNoPlugin() {
    World world = new World(1, new Scripted("a", self -> self.streams(1, millis(1))));
    world.build(p -> p.filter("noop", (request, next) -> next.serve(request)));
    world.send();
    world.time.after(
        millis(5),
        () -> {
          throw new AssertionError("an event");
        });
    assertThrows(AssertionError.class, world.time::run);
  }

  private static Scripted self() {
    return new Scripted("a", self -> self.silent());
  }

  private World world(String kind, String method) {
    World world = new World(2, new Scripted("b", self -> self.streams(3, millis(1))));
    Scripted a = new Scripted("a", self -> self.streams(3, millis(1)));
    Fakes.Ledger ledger = world.ledger;
    RateLimiter limiter =
        kind.equals("Reservation")
            ? (request, expected) ->
                ledger
                    .acquire(request, expected)
                    .map(
                        decision -> {
                          RateLimiter.Reservation real =
                              ((RateLimiter.Admit) decision).reservation();
                          return new RateLimiter.Admit(
                              (settling, used) -> {
                                real.settle(settling, used);
                                boom();
                              });
                        })
            : broken(RateLimiter.class, ledger, kind, method);
    ConcurrencyLimiter permits =
        kind.equals("Permit")
            ? brokenPermits(world.permits)
            : broken(ConcurrencyLimiter.class, world.permits, kind, method);
    HealthPolicy health = (endpoint, outcome) -> 0;
    Filter filter = (request, next) -> next.serve(request);
    Balancer balancer =
        kind.equals("Backend") && method.equals("load")
            ? (request, candidates) -> {
              candidates.forEach(candidate -> candidate.reportedLoad());
              return candidates.get(0);
            }
            : world.least;
    return world.build(
        p ->
            p.rateLimit(NamedPlugin.of(RateLimiter.class, "limiter", context -> limiter))
                .cache(
                    NamedPlugin.of(
                        ResponseCache.class,
                        "store",
                        context -> broken(ResponseCache.class, world.store, kind, method)))
                .filter("filter", broken(Filter.class, filter, kind, method))
                .retry(2)
                .admit(
                    NamedPlugin.of(ConcurrencyLimiter.class, "permits", context -> permits),
                    NamedPlugin.of(
                        RequestQueue.class,
                        "line",
                        context -> broken(RequestQueue.class, world.line, kind, method)))
                .health(
                    NamedPlugin.of(
                        HealthPolicy.class,
                        "health",
                        context -> broken(HealthPolicy.class, health, kind, method)))
                .balance(
                    NamedPlugin.of(
                        Balancer.class,
                        "balancer",
                        context -> broken(Balancer.class, balancer, kind, method)))
                .backends(
                    NamedPlugin.of(
                        Backend.class, "a", context -> broken(Backend.class, a, kind, method))));
  }

  private ConcurrencyLimiter brokenPermits(Fakes.Permits permits) {
    return new ConcurrencyLimiter() {
      @Override
      public Decision acquire(dev.forebay.spi.RequestInfo request) {
        Decision decision = permits.acquire(request);
        if (decision instanceof Admitted admitted) {
          return new Admitted(
              outcome -> {
                admitted.permit().release(outcome);
                boom();
              });
        }
        return decision;
      }

      @Override
      public int limit() {
        return permits.limit();
      }

      @Override
      public int inFlight() {
        return permits.inFlight();
      }
    };
  }

  private void boom() {
    thrown++;
    if (boom instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException(boom);
  }

  /** The plugin itself, but for one method that throws, or answers null. */
  private <T> T broken(Class<T> type, T plugin, String kind, String method) {
    if (!type.getSimpleName().equals(kind)) {
      return plugin;
    }
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                if (method.equals("remove")) {
                  called.setAccessible(true);
                  called.invoke(plugin, arguments);
                }
                boom();
              }
              if (method.equals(called.getName() + "=null")) {
                return null;
              }
              try {
                called.setAccessible(true);
                return called.invoke(plugin, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
