package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Commands with bounds: on the time that anybody waits for one, on how many are under way, and on
 * how often a server is asked that does not answer. Each server of a store has bounds of its own:
 * one that stands still must not cost the keys of the others.
 *
 * <p>A command that was given up is under way until the server answers it or its connection is
 * lost: it holds memory until then. What it would have done may still happen.
 */
final class Bounded {

  /** Of more servers than a Redis Cluster may have, those that were asked last are known. */
  private static final int MOST_SERVERS = 1_000;

  private final RedisServers store;
  private final Timeline timeline;
  private final Redis options;
  private final Map<Reason, Counter> failures = new EnumMap<>(Reason.class);
  private final Counter opened;
  private final Counter openedForWrites;
  private final Map<String, Server> servers;

  Bounded(Redis options, RedisServers store, PluginContext context) {
    this.store = store;
    this.timeline = context.timeline();
    this.options = options;
    Labelled<Counter> counters = context.counters("failures", Label.of("reason"));
    for (Reason reason : Reason.values()) {
      failures.put(reason, counters.of(reason.word()));
    }
    this.opened = context.counter("circuit_opened");
    this.openedForWrites = context.counter("write_circuit_opened");
    this.servers =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Server> eldest) {
            return size() > MOST_SERVERS;
          }
        };
    context.gauge(
        "circuit_open", () -> servers.values().stream().filter(each -> each.all.isOpen()).count());
    context.gauge(
        "under_way", () -> servers.values().stream().mapToInt(each -> each.underWay).sum());
  }

  /**
   * A command that a request waits for: fails after so many nanoseconds, and at once if the circuit
   * of its server opens meanwhile.
   *
   * @param key what the command is about
   */
  <V extends @Nullable Object> Future<V> lookUp(
      String key, long nanos, Supplier<Future<V>> command) {
    Server server = server(key);
    if (!server.all.closed()) {
      return resting();
    }
    Promise<V> answer = Promise.promise();
    server.waiting.add(answer);
    answer.future().onComplete(done -> server.waiting.remove(answer));
    return server.run(nanos, command, answer);
  }

  /** Whether a server is asked now, by the key that a command would be about. */
  boolean available(String key) {
    boolean closed = server(key).all.closed();
    if (!closed) {
      store.lookAgain();
    }
    return closed;
  }

  /** A command that needs no room: fails after so many nanoseconds. */
  <V extends @Nullable Object> Future<V> read(String key, long nanos, Supplier<Future<V>> command) {
    Server server = server(key);
    return server.all.closed() ? server.run(nanos, command, Promise.promise()) : resting();
  }

  /** A command that writes: a server that is full or read-only is left alone for a while. */
  <V extends @Nullable Object> Future<V> write(
      String key, long nanos, Supplier<Future<V>> command) {
    Server server = server(key);
    return server.all.closed() && server.writes.closed()
        ? server.run(nanos, command, Promise.promise())
        : resting();
  }

  /** Closes the store's connections; if that takes longer than the socket timeout, without them. */
  Future<Void> close() {
    long nanos = options.socketTimeout().toNanos();
    return timeline.within(nanos, begun(store::close), () -> late(nanos)).otherwiseEmpty();
  }

  /** A command that is not run, since what is under way is as large as may be. */
  Future<Void> overfull() {
    return refused(tooMuch());
  }

  private Server server(String key) {
    String name = store.server(key);
    Server known = servers.get(name);
    if (known == null) {
      known = new Server(name);
      servers.put(name, known);
    }
    return known;
  }

  /** Its keys may be with another server by now. */
  private <V extends @Nullable Object> Future<V> resting() {
    store.lookAgain();
    return refused(restingFailure());
  }

  private <V extends @Nullable Object> Future<V> refused(RedisFailure failure) {
    count(failure.reason());
    return Future.failedFuture(failure);
  }

  private static RedisFailure tooMuch() {
    return new RedisFailure(Reason.BUSY, "too much under way");
  }

  private static RedisFailure late(long nanos) {
    return new RedisFailure(Reason.TIMEOUT, "no answer within " + nanos / 1_000_000 + " ms");
  }

  private static RedisFailure restingFailure() {
    return new RedisFailure(Reason.CIRCUIT_OPEN, "resting");
  }

  private void count(Reason reason) {
    Objects.requireNonNull(failures.get(reason)).increment();
  }

  private static <V extends @Nullable Object> Future<V> begun(Supplier<Future<V>> command) {
    try {
      return command.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** What is known of one server. */
  private final class Server {
    private final Circuit all;
    private final Circuit writes;
    private final Set<Promise<?>> waiting = new LinkedHashSet<>();
    private int underWay;

    Server(String name) {
      this.all = circuit(options.failures(), opened, name);
      this.writes = circuit(1, openedForWrites, name);
    }

    private Circuit circuit(int inARow, Counter counter, String name) {
      return new Circuit(
          inARow,
          options.pause().toNanos(),
          timeline,
          counter,
          () ->
              within(options.socketTimeout().toNanos(), () -> store.ping(name), Promise.promise()));
    }

    private <V extends @Nullable Object> Future<V> run(
        long nanos, Supplier<Future<V>> command, Promise<V> answer) {
      if (underWay >= options.maxOutstanding()) {
        refused(tooMuch()).onFailure(answer::fail);
        return answer.future();
      }
      answer.future().onSuccess(done -> all.succeeded()).onFailure(this::failed);
      return within(nanos, command, answer);
    }

    private void failed(Throwable thrown) {
      Reason reason = thrown instanceof RedisFailure failure ? failure.reason() : Reason.ERROR;
      count(reason);
      if (reason == Reason.CIRCUIT_OPEN) {
        return; // the circuit opened meanwhile, which says nothing new
      }
      if (reason.opensCircuit()) {
        all.failed();
        failWaiting();
        store.lookAgain();
      } else {
        all.succeeded();
      }
      if (reason.opensForWrites()) {
        writes.failed();
      }
    }

    private void failWaiting() {
      if (all.isOpen()) {
        List.copyOf(waiting).forEach(lookup -> lookup.tryFail(restingFailure()));
      }
    }

    private <V extends @Nullable Object> Future<V> within(
        long nanos, Supplier<Future<V>> command, Promise<V> answer) {
      underWay++;
      Registration timer = timeline.after(nanos, () -> answer.tryFail(late(nanos)));
      answer.future().onComplete(over -> timer.cancel());
      begun(command)
          .onComplete(
              result -> {
                underWay--;
                if (result.succeeded()) {
                  answer.tryComplete(result.result());
                } else {
                  answer.tryFail(result.cause());
                }
              });
      return answer.future();
    }
  }
}
