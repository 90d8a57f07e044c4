package dev.forebay.redis.twin;

import dev.forebay.redis.RedisFailure;
import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.redis.RedisStore;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a {@link TwinServer}: commands reach the server in their order, are done there,
 * and their replies come back in that order, too. A server that stands still does them when it goes
 * on.
 */
final class TwinStore implements RedisStore {

  private final TwinServer server;
  private final Timeline timeline;
  private final RandomGenerator random;
  private long arrivesNanos;
  private long repliesNanos;
  private boolean closed;

  TwinStore(TwinServer server, PluginContext context) {
    this.server = server;
    this.timeline = context.timeline();
    this.random = context.random();
  }

  @Override
  public Future<@Nullable Buffer> get(String key) {
    return command(false, memory -> memory.get(key, timeline.nanos()));
  }

  @Override
  public Future<Void> set(String key, Buffer value, long ttlMillis) {
    return this.<@Nullable Void>command(
        true,
        memory -> {
          if (!memory.set(key, value, timeline.nanos() + ttlMillis * 1_000_000)) {
            throw RedisFailure.of("OOM command not allowed when used memory > 'maxmemory'.");
          }
          return null;
        });
  }

  @Override
  public Future<Void> remove(String key) {
    return this.<@Nullable Void>command(
        false,
        memory -> {
          memory.remove(key);
          return null;
        });
  }

  @Override
  public Future<Void> publish(String key, String channel, String message) {
    return this.<@Nullable Void>command(
        false,
        memory -> {
          server.subscribers().forEach(each -> each.accept(channel, message));
          return null;
        });
  }

  @Override
  public Future<Void> ping(String name) {
    return this.<@Nullable Void>command(false, memory -> null);
  }

  @Override
  public Future<@Nullable String> parameter(String name) {
    return command(
        false,
        memory ->
            switch (name) {
              case "maxmemory-policy" -> "volatile-ttl";
              case "maxmemory" -> Long.toString(server.model().maxMemory());
              default -> null;
            });
  }

  @Override
  public Registration subscribe(String channel, Consumer<String> message, Runnable resumed) {
    long[] killed = {server.killed(timeline.nanos())};
    BiConsumer<String, String> subscriber =
        (where, text) -> {
          if (where.equals(channel)) {
            timeline.after(
                way(),
                () -> {
                  long times = server.killed(timeline.nanos());
                  if (times > killed[0]) {
                    killed[0] = times;
                    resumed.run();
                  }
                  message.accept(text);
                });
          }
        };
    server.subscribers().add(subscriber);
    return () -> server.subscribers().remove(subscriber);
  }

  @Override
  public <V extends @Nullable Object> Future<V> aside(Callable<V> work) {
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return Future.succeededFuture();
  }

  private <V extends @Nullable Object> Future<V> command(
      boolean write, Function<TwinMemory, V> effect) {
    Promise<V> reply = Promise.promise();
    if (closed) {
      reply.fail(new RedisFailure(Reason.GONE, "closed"));
      return reply.future();
    }
    long now = timeline.nanos();
    long killed = server.killed(now);
    arrivesNanos = Math.max(arrivesNanos, now + way());
    timeline.after(arrivesNanos - now, () -> arrived(killed, write, effect, reply));
    return reply.future();
  }

  private <V extends @Nullable Object> void arrived(
      long killed, boolean write, Function<TwinMemory, V> effect, Promise<V> reply) {
    long now = timeline.nanos();
    long goesOn = server.goesOn(now);
    if (goesOn == Long.MAX_VALUE) {
      return; // it never answers
    }
    if (goesOn > now) {
      arrivesNanos = Math.max(arrivesNanos, goesOn);
      timeline.after(goesOn - now, () -> arrived(killed, write, effect, reply));
      return;
    }
    RedisFailure refusal = refusal(killed, write, now);
    if (refusal != null) {
      reply(() -> reply.tryFail(refusal));
      return;
    }
    try {
      V done = effect.apply(server.memory(now));
      reply(() -> reply.tryComplete(done));
    } catch (RedisFailure failure) {
      reply(() -> reply.tryFail(failure));
    }
  }

  private @Nullable RedisFailure refusal(long killed, boolean write, long now) {
    if (server.suffers(TwinFault.Kind.GONE, now)) {
      return new RedisFailure(Reason.GONE, "connection refused");
    }
    if (server.killed(now) > killed) {
      return new RedisFailure(Reason.GONE, "connection reset");
    }
    if (server.suffers(TwinFault.Kind.LOADING, now)) {
      return RedisFailure.of("LOADING Redis is loading the dataset in memory");
    }
    if (write && server.suffers(TwinFault.Kind.FULL, now)) {
      return RedisFailure.of("OOM command not allowed when used memory > 'maxmemory'.");
    }
    return write && server.suffers(TwinFault.Kind.READ_ONLY, now)
        ? RedisFailure.of("READONLY You can't write against a read only replica.")
        : null;
  }

  private void reply(Runnable action) {
    long now = timeline.nanos();
    repliesNanos = Math.max(repliesNanos, now + way());
    timeline.after(repliesNanos - now, action);
  }

  private long way() {
    double share = 1 + server.model().spread() * random.nextDouble();
    double slow = server.slowness(timeline.nanos());
    return Math.round(server.model().latency().toNanos() * share * slow);
  }
}
