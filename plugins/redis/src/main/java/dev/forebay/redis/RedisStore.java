package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The wire to a Redis, as far as a cache needs it: the Vert.x client, or a twin in virtual time.
 * Everything above it, bounds and circuit included, is the same in both.
 *
 * <p>All methods are called on the gateway's timeline, and their futures complete there. They fail
 * with {@link RedisFailure}. None of them waits for less than the server takes: bounds on time are
 * the caller's.
 */
public interface RedisStore extends RedisServers {

  /** {@code GET}: null where there is nothing. */
  Future<@Nullable Buffer> get(String key);

  /** {@code SET … PX}: stores a value for so many milliseconds, at least 1. */
  Future<Void> set(String key, Buffer value, long ttlMillis);

  /** {@code UNLINK}: forgets a value, whether it is there or not. */
  Future<Void> remove(String key);

  /** {@code PUBLISH}: tells everybody who listens to a channel, by the server that holds a key. */
  Future<Void> publish(String key, String channel, String message);

  /** {@code CONFIG GET}: the value of a parameter; null where the server does not have it. */
  Future<@Nullable String> parameter(String name);

  /**
   * {@code SUBSCRIBE}: hears of a channel from now on, also over new connections where one breaks.
   *
   * @param message takes each message
   * @param resumed runs when messages come again after a time in which some may have been lost
   */
  Registration subscribe(String channel, Consumer<String> message, Runnable resumed);

  /** Runs work that takes the processor for long beside the timeline, where there is one. */
  <V extends @Nullable Object> Future<V> aside(Callable<V> work);

  /** What makes the wire; a host may lend one. Without it, the Vert.x client does. */
  interface Connector {

    /** A wire of its own for one plugin; connects by itself. */
    RedisStore connect(Redis options, PluginContext context);
  }
}
