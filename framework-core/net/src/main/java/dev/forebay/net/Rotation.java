package dev.forebay.net;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Clients one after another: new requests go to the newest, older ones end with their requests. */
final class Rotation {

  private final ContextInternal context;
  private final ConnectionRules rules;
  private final Function<Handler<HttpConnection>, HttpClient> maker;
  private final List<Generation> open = new ArrayList<>(2);
  private @Nullable Generation newest;
  private boolean closed;

  Rotation(
      Vertx vertx, ConnectionRules rules, Function<Handler<HttpConnection>, HttpClient> maker) {
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.rules = rules;
    this.maker = maker;
  }

  /** The client for a new request, which {@link #leave}s it when it is over. */
  synchronized Generation enter() {
    if (closed) {
      throw new IllegalStateException("the client is closed");
    }
    Generation generation = newest;
    if (generation == null) {
      generation = new Generation();
      newest = generation;
      open.add(generation);
    }
    generation.requests++;
    return generation;
  }

  void leave(Generation generation) {
    synchronized (this) {
      generation.requests--;
    }
    closeIfOver(generation);
  }

  /** Gives a client no new requests. */
  void retire(Generation generation) {
    synchronized (this) {
      if (newest == generation) {
        newest = null;
      }
    }
    closeIfOver(generation);
  }

  private void closeIfOver(Generation generation) {
    synchronized (this) {
      if (newest == generation || generation.requests > 0 || !open.remove(generation)) {
        return;
      }
    }
    generation.client.close();
  }

  Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    synchronized (this) {
      closed = true;
      newest = null;
      open.forEach(generation -> closing.add(generation.client.close()));
      open.clear();
    }
    return Future.join(closing).mapEmpty();
  }

  /** A client, and its requests. */
  final class Generation {

    private final AtomicInteger connections = new AtomicInteger();
    private final HttpClient client;
    private int requests;

    /** Not on the context of the caller, with whose end Vert.x would close the client. */
    Generation() {
      ContextInternal caller = context.beginDispatch();
      try {
        client = maker.apply(this::connected);
      } finally {
        context.endDispatch(caller);
      }
    }

    private void connected(HttpConnection connection) {
      connections.incrementAndGet();
      ClientConnection.attach(connection, rules, () -> retire(this), connections::decrementAndGet);
    }

    Future<HttpClientRequest> request(RequestOptions target) {
      return client.request(target).onFailure(this::refused);
    }

    /**
     * An HTTP/2 connection whose peer accepts it, but never says its SETTINGS, holds its place in
     * the pool of Vert.x for good. If there is no other, the pool is of no use.
     */
    private void refused(Throwable why) {
      if (why instanceof TimeoutException && connections.get() == 0) {
        retire(this);
      }
    }
  }
}
