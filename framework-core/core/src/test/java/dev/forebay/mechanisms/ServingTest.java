package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.caching.Cache;
import dev.forebay.core.retrying.Fallback;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.spi.tracing.Tracers;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However a request ends, the gateway is done with it once: its span and its watchers are told, and
 * what a reload has replaced is closed then, and not before.
 */
class ServingTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final List<String> told = new ArrayList<>();
  private final Scripted old = new Scripted("old", self -> self.speaks(millis(10), 3, millis(10)));
  private final Scripted fresh = new Scripted("fresh", self -> self.streams(1, 0));
  private final Fakes.Store store = new Fakes.Store();
  private final Cache cache =
      Cache.in(NamedPlugin.of(ResponseCache.class, "store", context -> store));
  private final Map<Boolean, Long> firstContent = new HashMap<>();
  private String throwing = "";
  private boolean refuses;

  private final Plugin<Section> section =
      NamedPlugin.of(
          Section.class,
          "section",
          context -> {
            context
                .resource(Tracers.class)
                .orElseThrow()
                .use(
                    request -> {
                      say("begin");
                      return new Span(true);
                    });
            context.resource(RequestWatcher.Watchers.class).orElseThrow().add(new Watcher());
            return new Section() {};
          });

  private void say(String what) {
    told.add(what);
    if (throwing.equals(what)) {
      throw new IllegalStateException(what);
    }
  }

  private final class Span implements RequestSpan {
    private final boolean whole;

    Span(boolean whole) {
      this.whole = whole;
    }

    @Override
    public Headers onto(Headers caller) {
      say("onto");
      return caller;
    }

    @Override
    public void event(String name, String... facts) {}

    @Override
    public RequestSpan attempt(InferenceRequest request, String endpoint, @Nullable URI address) {
      return new Span(false);
    }

    @Override
    public void answered(InferenceResponse response) {
      say("answered");
    }

    @Override
    public void over(Outcome outcome) {
      firstContent.put(whole, outcome.timings().timeToFirstContentNanos());
      say(whole ? "over" : "try over");
    }
  }

  private final class Watcher implements RequestWatcher {
    @Override
    public @Nullable Failure begins(RequestInfo request) {
      say("begins");
      return refuses ? Failure.saturated("shutting_down", "not now") : null;
    }

    @Override
    public void ended(Ended request) {
      say("ended");
    }
  }

  private Gateway.Builder builder(Scripted backend, Plugin<Filter> stage) {
    Plugin<Balancer> first =
        NamedPlugin.of(
            Balancer.class, "first", context -> (request, candidates) -> candidates.get(0));
    return Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
        .section(section)
        .pipeline(p -> p.stage(stage).balance(first).backends(List.of(World.plugin(backend))));
  }

  private Blueprint reloaded(Plugin<Filter> stage) {
    return builder(fresh, stage).blueprint();
  }

  private static Plugin<Filter> stage(String how) {
    return NamedPlugin.of(
        Filter.class, how, context -> (request, next) -> filter(how, request, next));
  }

  private static Future<InferenceResponse> filter(
      String how, InferenceRequest request, Service next) {
    return switch (how) {
      case "throws-error" -> throw new OutOfMemoryError("Requested array size exceeds VM limit");
      case "throws" -> throw new IllegalStateException("at once");
      case "fails" -> Future.failedFuture(Failure.saturated("queue_full", "full"));
      case "fails-otherwise" -> Future.failedFuture(new IllegalStateException("later"));
      case "waits" -> {
        Promise<InferenceResponse> later = Promise.promise();
        request.call().timeline().after(millis(7), () -> next.serve(request).onComplete(later));
        yield later.future();
      }
      case "breaks" ->
          next.serve(request)
              .compose(answer -> Future.failedFuture(new IllegalStateException("then")));
      default -> next.serve(request);
    };
  }

  private long count(String what) {
    return told.stream().filter(what::equals).count();
  }

  @Test
  @SuppressWarnings("NullAway") // what code without its checks may do
  void aRequestThatCannotBeServedIsNotCounted() {
    Gateway gateway = builder(old, stage("passes")).build();
    InferenceRequest request = Fakes.request(time, "r");
    assertEquals(
        "request: null (expected: a request)",
        assertThrows(NullPointerException.class, () -> gateway.serve(null)).getMessage());
    assertEquals(
        "call: null (expected: the request's call)",
        assertThrows(NullPointerException.class, () -> gateway.serve(request.with((Call) null)))
            .getMessage());
    assertEquals(0, gateway.open());
    gateway.reload(reloaded(stage("passes")));
    time.run();
    assertTrue(old.closed, "nothing is under way in what was replaced");
  }

  @ParameterizedTest
  @CsvSource({
    "passes, OK",
    "throws, INTERNAL",
    "throws-error, INTERNAL",
    "fails, SATURATED",
    "fails-otherwise, INTERNAL",
    "breaks, INTERNAL",
    "refused, SATURATED",
    "left, CANCELLED",
    "leaves-at-5, CANCELLED",
    "leaves-at-15, CANCELLED",
  })
  void isDoneWithEachRequestOnce(String how, Status status) {
    for (String broken : List.of("", "begin", "onto", "answered", "over", "begins", "ended")) {
      throwing = broken;
      told.clear();
      isDone(how, broken, status);
    }
  }

  private void isDone(String how, String broken, Status status) {
    refuses = how.equals("refused");
    boolean refused = refuses && !broken.equals("begins");
    Gateway gateway = builder(old, stage(how)).build();
    old.closed = false;
    InferenceRequest request = Fakes.request(time, "r");
    if (how.equals("left")) {
      request.call().end();
    }
    long began = time.nanos();
    if (how.startsWith("leaves-at-")) {
      time.after(millis(Integer.parseInt(how.substring(10))), request.call()::end);
    }
    Client client = Client.send(gateway, request);
    String what = how + ", " + broken;
    time.after(
        millis(2),
        () -> {
          boolean over = gateway.open() == 0;
          assertTrue(gateway.reload(reloaded(stage("passes"))).succeeded(), what);
          assertEquals(over, old.closed, "closed at once only if nothing is under way: " + what);
        });
    time.runUntil(began + millis(4));
    assertEquals(gateway.open() == 0, old.closed, what);
    time.run();
    if (!refuses || refused) {
      assertEquals(status, client.status(), what);
    }
    assertTrue(client.over(), what);
    assertEquals(0, gateway.open(), what);
    assertTrue(old.closed, what);
    assertEquals(1, count("begin"), what);
    assertEquals(broken.equals("begin") ? 0 : 1, count("over"), what);
    assertEquals(1, count("begins"), what);
    assertEquals(1, count("ended"), what);
    assertEquals(0, old.open, what);
    assertEquals(0, time.pending(), what);
    assertEquals(1, gateway.outcomes().values().stream().mapToLong(Long::longValue).sum(), what);
  }

  /** A request waits for 7 ms before its try, which speaks after 10 ms. */
  @Test
  void theSpanOfARequestCountsFromItsArrivalAndThatOfATryFromTheTry() {
    Client.send(builder(old, stage("waits")).build(), Fakes.request(time, "r"));
    time.run();
    assertEquals(Map.of(true, millis(17), false, millis(10)), firstContent);
  }

  /** What a cache passes on of another's call is a stream of its own. */
  @Test
  void theSpanOfARequestBehindACacheCountsFromItsArrival() {
    Client.send(builder(old, cache).build(), Fakes.request(time, "r", new PromptKey(1, 1)));
    time.run();
    assertEquals(Map.of(true, millis(10), false, millis(10)), firstContent);
  }

  /** The one that asked leaves before the first content, or in the middle of the stream. */
  @ParameterizedTest
  @ValueSource(ints = {8, 25})
  void aSharedCallOutlivesTheRequestAndTheReload(int leavesAt) {
    Gateway gateway = builder(old, cache).build();
    PromptKey key = new PromptKey(1, 1);
    Client leader = Client.send(gateway, Fakes.request(time, "leader", key));
    List<Client> followers = new ArrayList<>();
    time.after(millis(2), () -> assertTrue(gateway.reload(reloaded(cache)).succeeded()));
    time.after(
        millis(4), () -> followers.add(Client.send(gateway, Fakes.request(time, "follower", key))));
    time.after(millis(leavesAt), leader::leave);
    time.runUntil(millis(29));
    assertEquals(1, gateway.open(), "the follower");
    assertFalse(old.closed, "its call is under way there");
    time.run();
    assertEquals("[0][1][2]", followers.get(0).text());
    assertEquals("joined", followers.get(0).header("x-forebay-cache"));
    assertEquals(List.of(), fresh.calls);
    assertTrue(old.closed);
    assertEquals(0, time.pending());
  }

  /** The next document has no such pool any more. */
  @Test
  void aRequestFallsBackToThePoolThatWasThereWhenItCame() {
    Scripted sick =
        new Scripted(
            "sick", self -> self.fails(Failure.overloaded(502, "refused", "refused"), millis(10)));
    Gateway gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .section(section)
            .pool(
                "main",
                p ->
                    p.models("m")
                        .stage(Fallback.to("spare", null))
                        .backends(List.of(World.plugin(sick))))
            .pool("spare", p -> p.models("other").backends(List.of(World.plugin(old))))
            .build();
    Client client = Client.send(gateway, Fakes.request(time, "r"));
    time.after(millis(2), () -> assertTrue(gateway.reload(reloaded(cache)).succeeded()));
    time.after(millis(5), () -> assertEquals(List.of("default"), gateway.pools()));
    time.run();
    assertTrue(client.ok(), client.reason());
    assertEquals("[0][1][2]", client.text());
    assertTrue(old.closed);
    assertTrue(sick.closed);
  }

  @Test
  void aRevalidationOutlivesTheRequestAndTheReload() {
    Duration second = Duration.ofSeconds(1);
    Plugin<Filter> stale =
        cache.withStale(
            new Cache.Stale(Duration.ofMillis(10), second, Duration.ZERO, Duration.ZERO));
    Gateway gateway = builder(old, stale).build();
    PromptKey key = new PromptKey(1, 1);
    Client.send(gateway, Fakes.request(time, "first", key));
    time.run();
    time.runUntil(millis(100));
    Client.send(gateway, Fakes.request(time, "second", key));
    assertTrue(gateway.reload(reloaded(stale)).succeeded());
    time.runUntil(millis(105));
    assertEquals(0, gateway.open());
    assertEquals(2, old.calls.size());
    assertFalse(old.closed);
    time.run();
    assertTrue(old.closed);
  }
}
