package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.simulation.VirtualTimeline;
import dev.forebay.spi.Backend;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.ResponseCache;
import io.vertx.core.Future;
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
                            Plugin.of(
                                Filter.class,
                                "fourth",
                                context -> {
                                  throw new IllegalArgumentException("fourth: will not");
                                }))
                        .backends(plugin("first", heard), plugin("second", heard)));
    assertEquals(
        "fourth: will not",
        assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    assertEquals(List.of("outer closes", "inner closes", "second closes", "first closes"), heard);
  }

  private static Plugin<ResponseCache> store(String name, List<String> heard) {
    return context -> new Store(null, name, heard);
  }

  /** A store that holds nothing. */
  private record Store(@Nullable ResponseCache inner, String name, List<String> heard)
      implements ResponseCache {
    @Override
    public Future<@Nullable CachedAnswer> get(PromptKey key) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> put(PromptKey key, CachedAnswer answer) {
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
    return Plugin.of(Backend.class, id, context -> new Listening(id, heard));
  }

  private record Listening(String id, List<String> heard) implements Backend {

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
      return Future.succeededFuture();
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      return Future.failedFuture("not asked for");
    }
  }
}
