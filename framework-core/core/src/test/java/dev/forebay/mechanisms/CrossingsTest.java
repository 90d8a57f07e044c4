package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.timeline.VirtualTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** How often a request goes between its home and the gateway's lane where these are two threads. */
class CrossingsTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final Lane gatewayTimeline = new Lane(time);
  private final Lane requestTimeline = new Lane(time);
  private final World parts = new World(9);
  private final Scripted backend =
      new Scripted(
          "a",
          self ->
              request -> {
                assertTrue(requestTimeline.inside, "backends are called on the home");
                return self.streams(3, 0).apply(request);
              });

  /** A thread: what comes from elsewhere waits for its turn. */
  private static final class Lane implements Timeline {
    private final VirtualTimeline time;
    private final List<Runnable> queue = new ArrayList<>();
    private boolean inside;

    Lane(VirtualTimeline time) {
      this.time = time;
    }

    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public long epochMillis() {
      return time.epochMillis();
    }

    @Override
    public Registration after(long delayNanos, Runnable action) {
      return time.after(delayNanos, () -> queue.add(action));
    }

    @Override
    public void execute(Runnable action) {
      if (inside) {
        action.run();
      } else {
        queue.add(action);
      }
    }

    @Override
    public void check() {
      assertTrue(inside, "called from elsewhere");
    }

    /** Runs what waits; whether there was anything. */
    boolean turn() {
      List<Runnable> now = List.copyOf(queue);
      queue.clear();
      inside = true;
      now.forEach(Runnable::run);
      inside = false;
      return !now.isEmpty();
    }
  }

  private Gateway gateway(Consumer<Pipeline> description) {
    return Gateway.builder(new Host(gatewayTimeline, 1))
        .pipeline(
            pipeline -> {
              description.accept(pipeline);
              pipeline.backends(World.plugin(backend));
            })
        .build();
  }

  private Client send(Gateway gateway) {
    InferenceRequest request = Fakes.request(requestTimeline, "r", new PromptKey(1, 2));
    List<Client> sent = new ArrayList<>();
    requestTimeline.execute(() -> sent.add(Client.send(gateway, request)));
    requestTimeline.turn();
    return sent.get(0);
  }

  /** Turns of the lane, each followed by one of the home, until the backend is asked. */
  private int crossings() {
    int turns = 0;
    while (backend.calls.isEmpty() && turns < 100) {
      gatewayTimeline.turn();
      requestTimeline.turn();
      turns++;
    }
    return turns;
  }

  private void finish(Client client) {
    boolean more = true;
    while (more) {
      boolean there = gatewayTimeline.turn();
      more = requestTimeline.turn() || there;
      if (!more && time.pending() > 0) {
        time.run();
        more = true;
      }
    }
    assertTrue(client.ok(), client.reason());
  }

  @Test
  void stagesInARowCostOneWayThereAndBack() {
    Gateway gateway =
        gateway(
            p ->
                p.rateLimit(parts.limiter())
                    .cache(parts.cache())
                    .admit(parts.capacity(), parts.queue()));
    Client client = send(gateway);
    assertEquals(1, crossings());
    finish(client);
    assertEquals(0, parts.permits.out);
    assertEquals(0, parts.ledger.unsettled);
    gatewayTimeline.execute(() -> assertEquals(0, gateway.pool("default").inFlight()));
    assertTrue(gatewayTimeline.turn());
  }

  @Test
  void aFilterBetweenThemIsCalledOnTheHome() {
    List<Boolean> onHome = new ArrayList<>();
    Gateway gateway =
        gateway(
            p ->
                p.rateLimit(parts.limiter())
                    .filter(
                        "own",
                        (request, next) -> {
                          onHome.add(requestTimeline.inside);
                          return next.serve(request);
                        })
                    .admit(parts.capacity(), parts.queue()));
    Client client = send(gateway);
    assertEquals(2, crossings());
    assertEquals(List.of(true), onHome);
    finish(client);
  }
}
