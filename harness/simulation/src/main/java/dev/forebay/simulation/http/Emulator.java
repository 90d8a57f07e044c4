package dev.forebay.simulation.http;

import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An emulated OpenAI-compatible upstream: a {@link dev.forebay.simulation.SimulatedServer} over
 * HTTP, on one event loop. It answers chat, completions and embeddings, whole and streamed, sends
 * keep-alives while requests wait, and shows its faults as a real one would: 429 and 503 with
 * OpenAI's error body, connections cut within an event, and a listener that is gone after a crash.
 */
public final class Emulator {

  private final Vertx vertx;
  private final EmulatorVerticle verticle;
  private final String deployment;
  private final String host;

  private Emulator(Vertx vertx, EmulatorVerticle verticle, String deployment, String host) {
    this.vertx = vertx;
    this.verticle = verticle;
    this.deployment = deployment;
    this.host = host;
  }

  /** Starts an emulator whose answers are as long as {@link AnswerLength#lognormal} says. */
  public static Future<Emulator> start(Vertx vertx, EmulatorProfile profile) {
    return start(vertx, profile, AnswerLength.lognormal(profile.seed()));
  }

  /**
   * Starts an emulator.
   *
   * @return completes when it accepts requests; fails where the port is in use
   */
  public static Future<Emulator> start(Vertx vertx, EmulatorProfile profile, AnswerLength lengths) {
    return start(vertx, profile, lengths, real -> new ScaledTimeline(real, profile.timeScale()));
  }

  /**
   * As {@link #start(Vertx, EmulatorProfile, AnswerLength)}, in a time of its own.
   *
   * @param clock makes its timeline of that of its event loop; the timeline is used there only
   */
  static Future<Emulator> start(
      Vertx vertx, EmulatorProfile profile, AnswerLength lengths, UnaryOperator<Timeline> clock) {
    Function<Timeline, SimulatedServer> maker =
        timeline ->
            new SimulatedServer(
                timeline, profile.server(), profile.faults(), profile.seed(), lengths);
    return start(vertx, profile, new EmulatorVerticle(profile, maker, KnownTraffic.NONE, clock));
  }

  /**
   * Starts an emulator of a server, for traffic of which more is known than its bodies say. It
   * begins with a server like that one without faults; {@link #renew} brings them.
   *
   * @param profile where to listen; what the server can do is the server's own matter
   * @param known recognises requests
   */
  public static Future<Emulator> start(
      Vertx vertx, EmulatorProfile profile, SimulatedServer server, KnownTraffic known) {
    return start(
        vertx,
        profile,
        new EmulatorVerticle(profile, server::withoutFaults, known, UnaryOperator.identity()));
  }

  private static Future<Emulator> start(
      Vertx vertx, EmulatorProfile profile, EmulatorVerticle verticle) {
    return vertx
        .deployVerticle(verticle)
        .map(deployment -> new Emulator(vertx, verticle, deployment, profile.host()));
  }

  /**
   * Another server takes all requests that come from now on, those under way stay with the old one.
   * On the emulator's event loop it is so when this returns; from elsewhere, soon.
   */
  public void renew(Function<Timeline, SimulatedServer> maker) {
    verticle.renew(maker);
  }

  /** The port that it listens on; the same after a crash. */
  public int port() {
    return verticle.port();
  }

  /** Such as {@code http://127.0.0.1:8000}. */
  public String url() {
    return "http://" + host + ":" + port();
  }

  /** The last events, oldest first. */
  public List<EmulatorEvent> events() {
    return verticle.events();
  }

  /**
   * Listens to the events that follow.
   *
   * @param listener called on the emulator's event loop; must neither block nor throw
   */
  public Registration onEvent(Consumer<EmulatorEvent> listener) {
    return verticle.onEvent(listener);
  }

  /** What its server has done, and has under way. */
  public Future<ServerStats> stats() {
    return verticle.stats();
  }

  /** Stops it; requests under way are cut. */
  public Future<Void> close() {
    return vertx.undeploy(deployment);
  }
}
