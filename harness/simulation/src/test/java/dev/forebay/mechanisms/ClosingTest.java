package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.simulation.VirtualTimeline;
import dev.forebay.spi.Backend;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
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
    assertEquals(List.of("broken drains", "sound drains", "broken closes", "sound closes"), heard);
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
