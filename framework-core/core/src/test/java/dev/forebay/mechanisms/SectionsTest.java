package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.state.StateReader;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a gateway has beside its pipeline. */
class SectionsTest {

  private final List<String> log = new ArrayList<>();
  private final List<PluginContext> contexts = new ArrayList<>();

  private final class Quiet implements Backend {
    @Override
    public Facts facts() {
      return Facts.of("backend");
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      return Future.failedFuture("nobody asks");
    }

    @Override
    public Future<Void> close() {
      log.add("backend closed");
      return Future.succeededFuture();
    }
  }

  private Plugin<Section> section(String name, Future<Void> closed) {
    return NamedPlugin.of(
        Section.class,
        name,
        context -> {
          contexts.add(context);
          return new Section() {
            @Override
            public void prepare() {
              log.add(name + " prepared");
            }

            @Override
            public Future<Void> close() {
              log.add(name + " closing");
              return closed;
            }
          };
        });
  }

  private Gateway gateway(List<Plugin<Section>> sections) {
    Gateway.Builder builder =
        Gateway.builder(new Host(new VirtualTimeline(), 1))
            .pipeline(
                p -> p.backends(NamedPlugin.of(Backend.class, "quiet", context -> new Quiet())));
    sections.forEach(builder::section);
    return builder.build();
  }

  @Test
  void sectionsAreClosedOneAfterTheOtherBeforeBackends() {
    Promise<Void> flushed = Promise.promise();
    Gateway gateway =
        gateway(
            List.of(section("first", Future.succeededFuture()), section("last", flushed.future())));
    assertEquals(List.of("first prepared", "last prepared"), log);
    log.clear();

    gateway.close();
    assertEquals(List.of("last closing"), log);
    flushed.complete();
    assertEquals(List.of("last closing", "first closing", "backend closed"), log);
  }

  @Test
  void aSectionMayAskTheGatewayUntilItIsClosedAndOthersMayNot() {
    Gateway gateway = gateway(List.of(section("one", Promise.<Void>promise().future())));
    Service whole = contexts.get(0).resource(Service.class).orElseThrow();
    gateway.close();
    assertEquals(
        "shutting_down",
        Failure.from(gateway.serve(Fakes.request(gateway.timeline(), "r")).cause()).reason());
    assertEquals(
        "internal",
        Failure.from(whole.serve(Fakes.request(gateway.timeline(), "r")).cause()).reason());
    assertEquals(1L, gateway.outcomes().get(Status.INTERNAL), "the one of the section");
  }

  @Test
  void aSectionFindsTheGatewayItsPoolsAndItsFigures() {
    Gateway gateway = gateway(List.of(section("one", Future.succeededFuture())));
    PluginContext context = contexts.get(0);
    assertEquals("one", context.name());
    assertEquals(0, context.resource(StateReader.class).orElseThrow().state().open());
    Service whole = context.resource(Service.class).orElseThrow();
    whole.serve(Fakes.request(gateway.timeline(), "r"));
    assertEquals(1L, gateway.outcomes().get(Status.INTERNAL), "through the gateway");
    Pools pools = context.resource(Pools.class).orElseThrow();
    assertEquals(List.of("default"), pools.names());
    assertEquals(
        List.of("backend"), pools.endpoints("default").stream().map(Endpoint::id).toList());
    assertTrue(pools.service("default") != gateway, "without the stages of the gateway");
    assertEquals(
        "pool: defalt (expected: default)",
        assertThrows(IllegalArgumentException.class, () -> pools.service("defalt")).getMessage());
  }

  private static List<String> ids(Pools pools, String pool) {
    return pools.endpoints(pool).stream().map(Endpoint::id).toList();
  }

  private static Plugin<Backend> backend(String id) {
    return NamedPlugin.of(
        Backend.class,
        id,
        context ->
            new Backend() {
              @Override
              public Facts facts() {
                return Facts.of(id);
              }

              @Override
              public Future<InferenceResponse> serve(InferenceRequest request) {
                return Future.failedFuture("nobody asks");
              }
            });
  }

  @Test
  void aSectionSeesThePoolsOfNowWhileItIsMadeAndAfterEachReload() {
    List<String> seen = new ArrayList<>();
    Plugin<Section> looking =
        NamedPlugin.of(
            Section.class,
            "looking",
            context -> {
              Pools pools = context.resource(Pools.class).orElseThrow();
              contexts.add(context);
              seen.addAll(ids(pools, "default"));
              return new Section() {};
            });
    Gateway gateway =
        Gateway.builder(new Host(new VirtualTimeline(), 1))
            .pipeline(p -> p.backends(backend("one")))
            .section(looking)
            .build();
    assertEquals(List.of("one"), seen, "while it is made");
    Pools pools = contexts.get(0).resource(Pools.class).orElseThrow();

    Future<Void> other =
        gateway.reload(
            Gateway.builder(new Host(new VirtualTimeline(), 1))
                .pool("left", p -> p.backends(backend("two")))
                .pool("right", p -> p.backends(backend("three"), backend("four")))
                .section(looking)
                .blueprint());
    assertTrue(other.succeeded(), String.valueOf(other.cause()));
    assertEquals(1, contexts.size(), "it goes on");
    assertEquals(List.of("left", "right"), pools.names());
    assertEquals(List.of("three", "four"), ids(pools, "right"));
    assertEquals(2, pools.serving("right"));
    assertThrows(IllegalArgumentException.class, () -> pools.serving("default"));

    Future<Void> refused =
        gateway.reload(
            Gateway.builder(new Host(new VirtualTimeline(), 1))
                .pipeline(p -> p.backends(backend("five"), backend("five")))
                .section(looking)
                .blueprint());
    assertTrue(refused.failed(), "two of one id");
    assertEquals(List.of("left", "right"), pools.names(), "as before");
  }

  @Test
  void aSectionThatCannotBeMadeLeavesNothingBehind() {
    Plugin<Section> broken =
        NamedPlugin.of(
            Section.class,
            "broken",
            context -> {
              throw new IllegalArgumentException("rate: 0 (expected: > 0)");
            });
    assertThrows(
        IllegalArgumentException.class,
        () -> gateway(List.of(section("made", Future.succeededFuture()), broken)));
    assertEquals(List.of("made closing", "backend closed"), log);
  }
}
