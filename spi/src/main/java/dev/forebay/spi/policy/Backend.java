package dev.forebay.spi.policy;

import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
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

  /** Every request. */
  Predicate<RequestInfo> ANY = request -> true;

  /** Unique in its pool. */
  String id();

  /** The account that it spends; endpoints of one account share limits and balance. */
  default String account() {
    return id();
  }

  /**
   * Where it is, for probes that ask its host: scheme, host, port (-1 for the scheme's own) and the
   * root of its API; null where it has no address.
   */
  default @Nullable URI address() {
    return null;
  }

  /** Names of the models that it offers; empty where it takes any. */
  default List<String> models() {
    return List.of();
  }

  /**
   * Asks it for the names of its models, for a list that callers are shown; bounded in time. By
   * default {@link #models()}, which is also what it is where that is not empty. On the gateway's
   * timeline.
   *
   * @return fails where it cannot be asked
   */
  default Future<List<String>> askModels() {
    return Future.succeededFuture(models());
  }

  /**
   * Whether requests would be answered now, and not after something has been loaded or started. A
   * gateway is ready when a backend is; requests may come before.
   */
  default boolean ready() {
    return true;
  }

  /**
   * Which requests it could answer: those that are not too long for it, and ask for nothing that it
   * cannot do. A pool gives it no others, unless none of its members fits: then they are asked
   * after all, and say why not. Asked for once; the predicate is called for each request, on the
   * pool's timeline, so it must be quick. {@link #ANY} costs nothing.
   */
  default Predicate<RequestInfo> fitting() {
    return ANY;
  }

  /**
   * Headers of callers that it passes on and that may change its answer; those of tracing do not. A
   * request that has one is not answered from a cache, nor with others in one call. Names in lower
   * case, at the end perhaps {@code *} for any ending. Asked for once.
   */
  default List<String> passedHeaders() {
    return List.of();
  }

  /** Load that it reports of itself, 0 (idle) to 1 (full) and above; NaN where it does not. */
  default double load() {
    return Double.NaN;
  }

  /**
   * Takes an action to run, on any thread, each time the account may be good again, such as after
   * its key was exchanged: it is no longer out then. By default nothing says so.
   */
  default void onAccountRenewed(Runnable action) {}
}
