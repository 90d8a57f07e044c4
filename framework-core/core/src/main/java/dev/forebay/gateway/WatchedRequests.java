package dev.forebay.gateway;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.host.RequestWatcher;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Tells watchers of the requests of a gateway. Safe from any thread. */
final class WatchedRequests {

  private static final String CACHE = "x-forebay-cache";
  private static final String JOB = "x-forebay-job";

  private final List<RequestWatcher> watchers = new CopyOnWriteArrayList<>();
  private final Supplier<PluginErrors> errors;

  WatchedRequests(Supplier<PluginErrors> errors) {
    this.errors = errors;
  }

  void add(RequestWatcher watcher) {
    watchers.add(watcher);
  }

  boolean none() {
    return watchers.isEmpty();
  }

  /** One request: what is known of its answer before its end. */
  final class Watched {
    private final InferenceRequest request;
    private int told;
    private @Nullable InferenceResponse head;

    Watched(InferenceRequest request) {
      this.request = request;
    }

    /** How the request fails at once; null if it goes on. */
    @Nullable Failure begins() {
      for (RequestWatcher watcher : watchers) {
        told++;
        try {
          Failure refused = watcher.begins(request.info());
          if (refused != null) {
            return refused;
          }
        } catch (Exception | Error e) {
          errors.get().note("watcher", e);
        }
      }
      return null;
    }

    /** Notes the head of the answer. */
    Future<InferenceResponse> answered(Future<InferenceResponse> served) {
      return served.map(
          response -> {
            head = response;
            return response;
          });
    }

    /** Those that were asked whether it may begin are told of its end. */
    void ended(Outcome outcome, long startedNanos) {
      RequestWatcher.Ended ended =
          new RequestWatcher.Ended(
              request.info(),
              outcome,
              servedBy(),
              header(CACHE),
              job(),
              request.call().timeline().nanos() - startedNanos);
      for (RequestWatcher watcher : watchers.subList(0, told)) {
        try {
          watcher.ended(ended);
        } catch (Exception | Error e) {
          errors.get().note("watcher", e);
        }
      }
    }

    private String servedBy() {
      Call.Reached reached = request.call().reached();
      return head != null ? head.servedBy() : reached == null ? "" : reached.endpoint();
    }

    private String header(String name) {
      String value = head == null ? null : head.headers().get(name);
      return value == null ? "" : value;
    }

    /** A head that came by HTTP has a path: no caller can name a job. */
    private String job() {
      String job = request.head().path().isEmpty() ? request.head().headers().get(JOB) : null;
      return job == null ? "" : job;
    }
  }
}
