package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A gateway in virtual time, its clients, and the check that nothing is left when all is over. */
final class World {

  final VirtualTimeline time = new VirtualTimeline();
  final Timeline policies = time.beside("the gateway's timeline");
  final Fakes.Ledger ledger = new Fakes.Ledger();
  final Fakes.Permits permits;
  final Fakes.Line line = new Fakes.Line(1_000_000);
  final Fakes.Store store = new Fakes.Store();
  final Fakes.Least least = new Fakes.Least();
  final List<Client> clients = new ArrayList<>();
  final List<Scripted> backends;
  private @Nullable Gateway gateway;

  World(int permits, Scripted... backends) {
    this.permits = new Fakes.Permits(permits);
    this.backends = List.of(backends);
  }

  World build(Consumer<Pipeline> description) {
    gateway =
        Gateway.builder(new Host(policies, 1))
            .pipeline(
                pipeline -> {
                  description.accept(pipeline);
                  pipeline.backends(backends.stream().map(World::plugin).toList());
                })
            .build();
    return this;
  }

  Gateway gateway() {
    Gateway made = gateway;
    if (made == null) {
      throw new IllegalStateException("not built");
    }
    return made;
  }

  static Plugin<Backend> plugin(Scripted backend) {
    return NamedPlugin.of(Backend.class, backend.id, context -> backend);
  }

  Plugin<RateLimiter> limiter() {
    return NamedPlugin.of(RateLimiter.class, "ledger", context -> ledger);
  }

  Plugin<ConcurrencyLimiter> capacity() {
    return NamedPlugin.of(ConcurrencyLimiter.class, "permits", context -> permits);
  }

  Plugin<RequestQueue> queue() {
    return NamedPlugin.of(RequestQueue.class, "line", context -> line);
  }

  Plugin<ResponseCache> cache() {
    return NamedPlugin.of(ResponseCache.class, "store", context -> store);
  }

  Plugin<Balancer> balancer() {
    return NamedPlugin.of(Balancer.class, "least", context -> least);
  }

  Client send() {
    return send(null);
  }

  Client send(@Nullable PromptKey key) {
    return send(key, CacheMode.DEFAULT, 0);
  }

  Client send(@Nullable PromptKey key, CacheMode mode, long nanosPerChunk) {
    Client client =
        Client.send(gateway(), Fakes.request(time, "r" + clients.size(), key, mode), nanosPerChunk);
    clients.add(client);
    return client;
  }

  long errors() {
    return counter("plugin.errors");
  }

  long counter(String name) {
    return gateway().counters().getOrDefault(name, 0L);
  }

  /** Runs to the end; then every client has its answer, and every count is back at zero. */
  void settle() {
    time.run();
    for (Client client : clients) {
      assertTrue(client.over(), () -> client.request.info().id() + " has no ending");
    }
    assertEquals(0, gateway().open(), "open requests");
    assertEquals(
        clients.size(),
        gateway().outcomes().values().stream().mapToLong(Long::longValue).sum(),
        "outcomes");
    assertEquals(0, permits.out, "permits out");
    assertEquals(0, line.tickets.size(), "tickets in the queue");
    assertEquals(0, ledger.unsettled, "reservations");
    assertEquals(0, gateway().pool("default").inFlight(), "in flight");
    backends.forEach(backend -> assertEquals(0, backend.open, "streams of " + backend.id));
    gateway()
        .gauges()
        .forEach(
            (name, value) -> {
              if (name.endsWith(".shared_calls") || name.endsWith(".in_flight")) {
                assertTrue(!(value > 0), name + ": " + value);
              }
            });
    assertEquals(0, time.pending(), "events left");
  }
}
