package dev.forebay.spi.policy;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Something that answers inference requests: a remote API, a local model, a simulation. It runs on
 * the request's {@linkplain Timeline timeline}, so one backend may be used from several threads.
 */
public interface Backend extends Service, Lifecycle {

  /** What is known of it for its whole life: equal facts each time, from any thread. */
  Facts facts();

  /**
   * Asks it for the names of its models, for the list that callers see. Defaults to those of its
   * facts; a backend with configured models returns exactly those. Called on the gateway's
   * timeline; the answer must come within a bounded time.
   *
   * @return fails if it cannot be asked
   */
  default Future<List<String>> askModels() {
    return Future.succeededFuture(facts().models());
  }

  /**
   * Whether requests would be answered now, and not after something has been loaded or started. A
   * gateway is ready when a backend is; requests may come before.
   */
  default boolean ready() {
    return true;
  }

  /** Load that it reports of itself, 0 (idle) to 1 (full) and above; NaN if it reports none. */
  default double load() {
    return Double.NaN;
  }

  /**
   * Takes an action that the backend runs, on any thread, each time its account may be good again,
   * such as after its key was exchanged. The account is then no longer out. By default the action
   * is never run.
   */
  default void onAccountRenewed(Runnable action) {}

  /**
   * What is known of a backend for its whole life.
   *
   * @param id unique in its pool
   * @param account that it spends; endpoints of one account share limits and balance
   * @param address for probes that ask its host: scheme, host, port (-1 for the scheme's own) and
   *     the root of its API; null if it has none
   * @param models names of the models that it offers; empty if it takes any
   * @param fitting which requests it could answer: those that are not too long for it, and ask for
   *     nothing that it cannot do. A pool gives it no others, unless no member fits: then members
   *     are asked after all, and say why not. It is called for each request, on the pool's
   *     timeline, so it must be quick. {@link #ANY} costs nothing
   * @param passedHeaders headers of callers that it passes on and that may change its answer; those
   *     of tracing do not. A request that has one is neither answered from a cache nor joined with
   *     identical requests. Names are in lower case; one that ends in {@code *} stands for any
   *     ending
   * @param continues whether it can write the rest of an answer of which a request brings the
   *     beginning along ({@link InferenceRequest.Attempt#given()}, as the last message of a chat).
   *     A pool gives such requests to no other: it would begin a new answer in the middle
   */
  @RecordBuilder
  record Facts(
      String id,
      String account,
      @Nullable URI address,
      List<String> models,
      Predicate<RequestInfo> fitting,
      List<String> passedHeaders,
      boolean continues)
      implements BackendFactsBuilder.With {

    /** Every request. */
    public static final Predicate<RequestInfo> ANY = request -> true;

    /** Copies. */
    public Facts {
      models = List.copyOf(models);
      passedHeaders = List.copyOf(passedHeaders);
    }

    /**
     * Those of a backend with an account of its own, which takes any request and continues none.
     */
    public static Facts of(String id) {
      return new Facts(id, id, null, List.of(), ANY, List.of(), false);
    }
  }
}
