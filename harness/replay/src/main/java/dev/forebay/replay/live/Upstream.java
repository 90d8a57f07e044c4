package dev.forebay.replay.live;

import dev.forebay.administration.StateJson;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.replay.run.Fleet;
import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.trace.Trace;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorEvent.Kind;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The simulated servers of a gateway behind real HTTP, an emulator for each, with the faults of
 * virtual time under the same seed. Faults and figures count from the first request of the trace;
 * what comes before is warm-up, and is answered by servers without faults.
 */
public final class Upstream {

  private final Map<String, SimulatedServer> models = new LinkedHashMap<>();
  private final Map<String, Emulator> emulators = new LinkedHashMap<>();
  private final Map<String, LongAdder> log = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> sent = new ConcurrentHashMap<>();
  private final TimerLag lag;
  private boolean crashes;

  private Upstream(TimerLag lag) {
    this.lag = lag;
  }

  /**
   * Starts emulators of all simulated backends of a gateway.
   *
   * @param seed of their chance, as in virtual time
   */
  public static Future<Upstream> start(Vertx vertx, Blueprint gateway, Trace trace, long seed) {
    Upstream upstream = new Upstream(TimerLag.on(VertxTimeline.of(vertx)));
    Host host =
        new Host(new VirtualTimeline(), seed)
            .lend(AnswerLength.class, new Lengths(trace))
            .lend(Fleet.class, new Fleet());
    // Made for its backends only: they draw the seeds of their faults as in virtual time.
    for (Backend backend : Gateway.of(gateway, host).backends()) {
      if (backend instanceof SimulatedBackend simulated) {
        SimulatedServer server = simulated.server();
        upstream.models.put(simulated.facts().id(), server);
        upstream.crashes |= server.down() || server.nextCrashNanos() != Long.MAX_VALUE;
      }
    }
    EmulatorProfile profile = EmulatorProfile.DEFAULT.withModels(models(trace));
    TraceTraffic traffic = new TraceTraffic(trace, upstream::begin);
    List<Future<Emulator>> starting = new ArrayList<>();
    upstream.models.forEach(
        (id, model) ->
            starting.add(
                Emulator.start(vertx, profile, model, traffic)
                    .onSuccess(started -> started.onEvent(event -> upstream.note(id, event)))
                    .onSuccess(started -> upstream.put(id, started))));
    return Future.all(starting).map(upstream);
  }

  private static List<String> models(Trace trace) {
    return trace.requests().stream().map(LivePlan::model).distinct().toList();
  }

  private synchronized void put(String id, Emulator emulator) {
    emulators.put(id, emulator);
  }

  private synchronized void begin() {
    lag.reset();
    emulators.forEach((id, emulator) -> emulator.renew(model(id)::again));
  }

  private SimulatedServer model(String id) {
    SimulatedServer model = models.get(id);
    if (model == null) {
      throw new IllegalStateException(id);
    }
    return model;
  }

  private void note(String id, EmulatorEvent event) {
    String kind = event.kind().name().toLowerCase(Locale.ROOT);
    boolean traced = Lengths.index(event.callerId()) >= 0;
    log.computeIfAbsent(traced ? kind : "warm_up_" + kind, absent -> new LongAdder()).increment();
    boolean came = event.kind() == Kind.STARTED || event.kind() == Kind.REFUSED;
    if (traced && came) {
      sent.computeIfAbsent(id, absent -> new LongAdder()).increment();
    }
  }

  /** The addresses of the emulators, by the id of the backend. */
  public synchronized JsonObject urls() {
    JsonObject urls = new JsonObject();
    emulators.forEach((id, emulator) -> urls.put(id, emulator.url()));
    return urls;
  }

  /** What the servers have done since the first request of the trace, and their slots. */
  public synchronized Future<JsonObject> figures() {
    JsonObject servers = new JsonObject();
    List<Future<?>> asked = new ArrayList<>();
    emulators.forEach(
        (id, emulator) ->
            asked.add(
                emulator
                    .stats()
                    .onSuccess(
                        stats -> {
                          JsonObject told = StateJson.of(stats);
                          told.put("slots", model(id).parameters().slots());
                          told.put("sent", sent.getOrDefault(id, new LongAdder()).sum());
                          synchronized (servers) {
                            servers.put(id, told);
                          }
                        })));
    return Future.all(asked)
        .map(
            all -> {
              JsonObject events = new JsonObject();
              log.forEach((kind, count) -> events.put(kind, count.sum()));
              return new JsonObject()
                  .put("servers", servers)
                  .put("log", events)
                  .put("crashes", crashes)
                  .put("timerLagMillis", lag.meanMillis());
            });
  }
}
