package dev.forebay.simulation;

import dev.forebay.spi.Backend;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A backend that a {@link SimulatedServer} answers. Requests may live on any timeline: they cross
 * over to the server's, and their chunks come back. On the server's own timeline, as in virtual
 * time, nothing crosses and nothing is allocated per token.
 *
 * <p>The network's delay is all on the way in, so that it costs one event per request and not one
 * per chunk: the caller sees each chunk at the time at which it would come.
 */
public final class SimulatedBackend implements Backend {

  private static final int KEPT_MODELS = 64;

  private final String id;
  private final String account;
  private final List<String> models;
  private final SimulatedServer server;
  private final long roundTripNanos;
  private final ConcurrentHashMap<String, AnswerFrames> frames = new ConcurrentHashMap<>();

  /** A backend with an account of its own, for any model, without a network. */
  public SimulatedBackend(String id, SimulatedServer server) {
    this(id, id, List.of(), server, Duration.ZERO);
  }

  /**
   * A backend.
   *
   * @param id unique in its pool
   * @param account whose limits it shares
   * @param models names that it offers; empty for any
   * @param roundTrip what the network adds to the time of each answer
   */
  public SimulatedBackend(
      String id, String account, List<String> models, SimulatedServer server, Duration roundTrip) {
    this.id = id;
    this.account = account;
    this.models = List.copyOf(models);
    this.server = server;
    this.roundTripNanos = roundTrip.toNanos();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String account() {
    return account;
  }

  @Override
  public List<String> models() {
    return models;
  }

  /** Requests under way over slots; read from any thread, so possibly a little old. */
  @Override
  public double load() {
    return server.load();
  }

  /** The server that answers. */
  public SimulatedServer server() {
    return server;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Failure over = request.call().reason();
    if (over != null) {
      return Future.failedFuture(over);
    }
    return new Exchange(id, server, request, framesOf(request)).start(roundTripNanos);
  }

  private AnswerFrames framesOf(InferenceRequest request) {
    Operation operation = request.info().operation();
    String model = request.info().model();
    String key = operation.name() + ' ' + model;
    AnswerFrames kept = frames.get(key);
    if (kept != null) {
      return kept;
    }
    AnswerFrames made = new AnswerFrames(operation, "simulated", model, 0);
    if (frames.size() < KEPT_MODELS) {
      frames.put(key, made);
    }
    return made;
  }
}
