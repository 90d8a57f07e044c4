package dev.forebay.core.routes;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The routes that plugins have added. Their handlers are called on the gateway's timeline, and are
 * bounded in time. From any thread.
 */
public final class RouteTable {

  private static final String ANY_METHOD = "ANY";
  private static final long TIMEOUT_NANOS = Duration.ofSeconds(60).toNanos();

  private final Timeline timeline;
  private final PluginErrors errors;
  private final List<Entry> entries = new ArrayList<>();
  private boolean closed;

  private record Entry(String owner, Listener listener, HttpRoute route) {

    boolean conflicts(Entry other) {
      return listener == other.listener
          && (route.method().equals(other.route.method())
              || route.method().equals(ANY_METHOD)
              || other.route.method().equals(ANY_METHOD))
          && overlap(route.path().split("/"), other.route.path().split("/"));
    }

    private static boolean overlap(String[] one, String[] other) {
      if (one.length != other.length) {
        return false;
      }
      for (int i = 0; i < one.length; i++) {
        boolean any = one[i].startsWith(":") || other[i].startsWith(":");
        if (!any && !one[i].equals(other[i])) {
          return false;
        }
      }
      return true;
    }
  }

  /** No routes. */
  public RouteTable(Timeline timeline, PluginErrors errors) {
    this.timeline = timeline;
    this.errors = errors;
  }

  /** The routes of another, which takes no more from now on. */
  public RouteTable(RouteTable other) {
    this(other.timeline, other.errors);
    synchronized (other) {
      other.closed = true;
      entries.addAll(other.entries);
    }
  }

  /** What a plugin is lent. */
  public HttpRoutes of(String owner) {
    return (listener, route) -> add(owner, listener, route);
  }

  /** Keeps plugins from a path that the listener has itself, for all methods. */
  public void reserve(String owner, Listener listener, String path) {
    HttpRoute.Handler nobody = request -> Future.failedFuture(Failure.internal("reserved", null));
    put(new Entry(owner, listener, new HttpRoute(ANY_METHOD, path, 0, nobody)));
  }

  private void add(String owner, Listener listener, HttpRoute route) {
    HttpRoute.Handler guarded = request -> answer(owner, route.handler(), request);
    put(
        new Entry(
            owner,
            listener,
            new HttpRoute(route.method(), route.path(), route.maxBody(), guarded)));
  }

  private synchronized void put(Entry added) {
    if (closed) {
      throw new IllegalStateException(
          "route " + told(added) + ": added late (expected: while plugins are created)");
    }
    for (Entry known : entries) {
      if (added.conflicts(known)) {
        throw new IllegalArgumentException(
            "route %s (expected: a path of its own; %s)".formatted(told(added), told(known)));
      }
    }
    entries.add(added);
  }

  private static String told(Entry entry) {
    String listener = entry.listener.name().toLowerCase(Locale.ROOT);
    String method = entry.route.method().equals(ANY_METHOD) ? "" : entry.route.method() + " ";
    return method + entry.route.path() + " of " + entry.owner + ", on the listener " + listener;
  }

  /** The routes of a listener, in the order in which they were added. */
  public synchronized List<HttpRoute> all(Listener listener) {
    return entries.stream()
        .filter(entry -> entry.listener == listener)
        .map(Entry::route)
        .filter(route -> !route.method().equals(ANY_METHOD))
        .toList();
  }

  private Future<RouteAnswer> answer(
      String owner, HttpRoute.Handler handler, RouteRequest request) {
    Promise<RouteAnswer> answer = Promise.promise();
    timeline.execute(
        () -> {
          Future<RouteAnswer> asked = asked("answer", () -> handler.handle(request));
          timeline
              .within(TIMEOUT_NANOS, asked, () -> late(owner))
              .onComplete(
                  (given, thrown) -> {
                    if (given != null) {
                      answer.complete(anywhere(owner, given));
                    } else {
                      answer.fail(errors.failure(owner, cause(thrown)));
                    }
                  });
          asked.onSuccess(
              given -> {
                if (answer.future().failed() && given != null && given.stream() != null) {
                  given.stream().cancel(); // too late
                }
              });
        });
    return answer.future();
  }

  private static <T> Future<T> asked(String what, Supplier<Future<T>> question) {
    try {
      return Objects.requireNonNull(question.get(), what + ": null");
    } catch (Exception | Error e) {
      return Future.failedFuture(e);
    }
  }

  /** An answer whose stream may be read from any thread. */
  private RouteAnswer anywhere(String owner, RouteAnswer given) {
    return given.stream() == null
        ? given
        : new RouteAnswer(
            given.status(), given.headers(), given.body(), new Posted(owner, given.stream()));
  }

  /**
   * A stream that is read on its timeline, whatever thread asks. One that says nothing for too long
   * has failed.
   */
  private final class Posted implements TokenStream {
    private final String owner;
    private final TokenStream stream;

    Posted(String owner, TokenStream stream) {
      this.owner = owner;
      this.stream = stream;
    }

    @Override
    public Future<Chunk> next() {
      Promise<Chunk> next = Promise.promise();
      timeline.execute(() -> ask(next));
      return next.future();
    }

    private void ask(Promise<Chunk> next) {
      Future<Chunk> asked = asked("chunk", stream::next);
      timeline
          .within(TIMEOUT_NANOS, asked, () -> late(owner))
          .onComplete(
              (chunk, thrown) -> {
                if (chunk != null) {
                  next.complete(chunk);
                } else {
                  next.fail(errors.failure(owner, cause(thrown)));
                }
                if (!asked.isComplete()) {
                  stream.cancel(); // it has said nothing for too long
                }
              });
    }

    @Override
    public void cancel() {
      timeline.execute(stream::cancel);
    }

    @Override
    public Future<Outcome> outcome() {
      return stream.outcome();
    }
  }

  private static Throwable cause(@Nullable Throwable thrown) {
    return thrown == null ? new NullPointerException("answer: null") : thrown;
  }

  private static Failure late(String owner) {
    String message = owner + " did not answer within " + TIMEOUT_NANOS / 1_000_000_000 + " s";
    return Failure.of(Status.TIMED_OUT, 504, "route_timeout", message);
  }
}
