package dev.forebay.simulation;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * A backend that a {@link SimulatedServer} answers. Requests may live on any timeline: they cross
 * over to the server's, and their chunks come back. On the server's own timeline, as in virtual
 * time, nothing crosses and nothing is allocated per token.
 *
 * <p>The network's delay is all on the way in, so that it costs one event per request and not one
 * per chunk: the caller sees each chunk at the time at which it would come.
 */
public final class SimulatedBackend implements Backend {

  private final Facts facts;
  private final SimulatedServer server;
  private final long roundTripNanos;

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
    this.facts = Facts.of(id).withAccount(account).withModels(models).withContinues(true);
    this.server = server;
    this.roundTripNanos = roundTrip.toNanos();
  }

  @Override
  public Facts facts() {
    return facts;
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
    return new Exchange(facts.id(), server, request, framesOf(request)).start(roundTripNanos);
  }

  private AnswerFrames framesOf(InferenceRequest request) {
    return new AnswerFrames(
        request.info().operation(),
        server.answers().identity(request).id(),
        request.info().model(),
        0);
  }
}
