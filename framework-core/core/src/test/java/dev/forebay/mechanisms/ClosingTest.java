package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Backends hear that their gateway begins to close, then that it closes, whatever others do. */
class ClosingTest {

  @Test
  void backendsHearOfBothInThisOrder() {
    List<String> heard = new ArrayList<>();
    Gateway gateway =
        Gateway.builder(new Host(new VirtualTimeline(), 1))
            .pipeline(p -> p.backends(plugin("broken", heard), plugin("sound", heard)))
            .build();
    gateway.draining();
    assertEquals(List.of("broken drains", "sound drains"), heard);
    assertNotNull(gateway.pluginError());
    gateway.close();
    assertEquals(List.of("broken drains", "sound drains", "sound closes", "broken closes"), heard);
  }

  /** The plugins are nested, and of several kinds: whatever was made is closed, and once. */
  @Test
  void whatWasMadeIsClosedIfALaterPluginFails() {
    List<String> heard = new ArrayList<>();
    Gateway.Builder builder =
        Gateway.builder(new Host(new VirtualTimeline(), 1))
            .pipeline(
                p ->
                    p.cache(
                            context ->
                                new Store(context.create(store("inner", heard)), "outer", heard))
                        .filter("third", (request, next) -> next.serve(request))
                        .stage(
                            NamedPlugin.of(
                                Filter.class,
                                "fourth",
                                context -> {
                                  throw new IllegalArgumentException("fourth: will not");
                                }))
                        .backends(plugin("first", heard), plugin("second", heard)));
    assertEquals(
        "fourth: fourth: will not",
        assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    assertEquals(List.of("outer closes", "inner closes", "second closes", "first closes"), heard);
  }

  @Test
  void aPartThatDoesNotCloseIsGivenUpAfterHalfAMinute() {
    VirtualTimeline time = new VirtualTimeline();
    List<String> heard = new ArrayList<>();
    Gateway gateway =
        Gateway.builder(new Host(time, 1))
            .pipeline(p -> p.backends(plugin("first", heard), plugin("hanging", heard)))
            .build();
    Future<Void> closed = gateway.close();
    assertEquals(List.of("hanging closes", "first closes"), heard, "the others are closed at once");
    time.runUntil(29_999_000_000L);
    assertFalse(closed.isComplete());
    assertNull(gateway.pluginError());
    time.runUntil(30_000_000_000L);
    assertTrue(closed.succeeded());
    assertNotNull(gateway.pluginError());
    assertEquals(0, time.pending());
  }

  @Test
  void aClosedGatewayServesNothingAndMakesNothing() {
    VirtualTimeline time = new VirtualTimeline();
    List<String> heard = new ArrayList<>();
    Gateway gateway =
        Gateway.builder(new Host(time, 1))
            .pipeline(p -> p.backends(plugin("first", heard)))
            .build();
    gateway.close();
    time.run();
    assertEquals(List.of("first closes"), heard);
    Client refused = Client.send(gateway, Fakes.request(time, "late"));
    time.run();
    assertNotNull(refused.failure);
    assertEquals("shutting_down", refused.failure.reason());
    assertEquals(0, gateway.open());

    Blueprint next =
        Gateway.builder(new Host(time, 1))
            .pipeline(p -> p.backends(plugin("second", heard)))
            .blueprint();
    Future<Void> reloaded = gateway.reload(next);
    assertThrows(
        IllegalStateException.class,
        () -> gateway.members("default", List.of(new Pool.Member(plugin("second", heard), 1, 0))));
    time.run();
    assertTrue(reloaded.failed());
    assertEquals("gateway: closed (expected: one that runs)", reloaded.cause().getMessage());
    assertEquals(List.of(), gateway.backends(), "nothing was made");
  }

  @Test
  void aBackendThatGivesNoFactsIsClosedAndTheMembersStay() {
    VirtualTimeline time = new VirtualTimeline();
    List<String> heard = new ArrayList<>();
    Gateway gateway =
        Gateway.builder(new Host(time, 1))
            .pipeline(p -> p.backends(plugin("first", heard)))
            .build();
    gateway.members("default", List.of(new Pool.Member(plugin("mute", heard), 1, 0)));
    time.run();
    assertNotNull(gateway.pluginError());
    assertEquals(List.of("mute closes"), heard);
    assertEquals("first", gateway.backends().get(0).facts().id());
  }

  @Test
  void aBackendThatLeftHasNoMetricsAndTheOthersKeepTheirs() {
    VirtualTimeline time = new VirtualTimeline();
    Gateway gateway =
        Gateway.builder(new Host(time, 1))
            .pipeline(p -> p.backends(counting("stays"), counting("leaves")))
            .build();
    assertEquals(1L, gateway.counters().get("default/leaves-1.made"));
    gateway.members("default", List.of(new Pool.Member(counting("new"), 1, 0)));
    time.run();
    assertEquals(null, gateway.counters().get("default/leaves-1.made"));
    assertEquals(null, gateway.counters().get("default/stays-0.made"));
    assertEquals(1L, gateway.counters().get("default/new-2.made"));
  }

  @Test
  void nestedPluginsOfOneNameHaveFiguresAndChanceOfTheirOwn() {
    List<Long> drawn = new ArrayList<>();
    Plugin<Filter> inner =
        NamedPlugin.of(
            Filter.class,
            "inner",
            context -> {
              context.gauge("depth", () -> 1);
              drawn.add(context.random().nextLong());
              return (request, next) -> next.serve(request);
            });
    Gateway gateway =
        Gateway.builder(new Host(new VirtualTimeline(), 1))
            .pipeline(
                p ->
                    p.stage(
                            NamedPlugin.of(
                                Filter.class,
                                "outer",
                                context -> {
                                  context.create(inner);
                                  return context.create(inner);
                                }))
                        .backends(List.of()))
            .build();
    assertTrue(gateway.gauges().containsKey("outer/inner.depth"));
    assertTrue(gateway.gauges().containsKey("outer/inner-2.depth"));
    assertNotEquals(drawn.get(0), drawn.get(1));
  }

  private static Plugin<Backend> counting(String id) {
    return NamedPlugin.of(
        Backend.class,
        id,
        context -> {
          context.counter("made").increment();
          return new Listening(id, new ArrayList<>());
        });
  }

  private static Plugin<ResponseCache> store(String name, List<String> heard) {
    return context -> new Store(null, name, heard);
  }

  /** A store that holds nothing. */
  private record Store(@Nullable ResponseCache inner, String name, List<String> heard)
      implements ResponseCache {
    @Override
    public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> invalidate(PromptKey key) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      heard.add(name + " closes");
      return Future.succeededFuture();
    }
  }

  private static Plugin<Backend> plugin(String id, List<String> heard) {
    return NamedPlugin.of(Backend.class, id, context -> new Listening(id, heard));
  }

  private record Listening(String id, List<String> heard) implements Backend {

    @Override
    public Facts facts() {
      if (id.equals("mute")) {
        throw new IllegalStateException("mute");
      }
      return Facts.of(id);
    }

    @Override
    public void draining() {
      heard.add(id + " drains");
      if (id.equals("broken")) {
        throw new IllegalStateException("broken");
      }
    }

    @Override
    public Future<Void> close() {
      heard.add(id + " closes");
      return id.equals("hanging") ? Promise.<Void>promise().future() : Future.succeededFuture();
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      return Future.failedFuture("not asked for");
    }
  }
}
