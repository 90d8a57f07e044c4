package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.SharedCache;
import io.vertx.core.Future;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What gateways tell each other of their changes, by publish and subscribe on one channel: who, and
 * which key. It is published after the change, over the same connection or later.
 *
 * <p>Client-side caching of Redis (tracking) was rejected: its messages do not say who made the
 * change, so that every answer that a gateway stores would at once leave its own local tier; in a
 * Cluster each node tracks for itself; and it needs Redis 6. Published messages reach every node of
 * a Cluster and the replicas of a master.
 */
final class News {

  private static final Pattern MESSAGE = Pattern.compile("([0-9a-f]{16}) ([0-9a-f]{32})");
  private static final int HALF = 16;

  private final String channel;
  private final RedisStore store;
  private final String self;
  private final Counter heard;
  private final Counter unreadable;

  News(String prefix, RedisStore store, PluginContext context) {
    this.channel = prefix + ":changes:" + AnswerFormat.VERSION;
    this.store = store;
    this.self = HexFormat.of().toHexDigits(context.random().nextLong());
    this.heard = context.counter("changes_heard");
    this.unreadable = context.counter("changes_unreadable");
  }

  /**
   * Tells the others that the answer under a key changed.
   *
   * @param name of the key in the store: the server that holds it has just answered
   */
  Future<Void> tell(PromptKey key, String name) {
    return store.publish(name, channel, self + " " + key);
  }

  Registration watch(SharedCache.Watcher watcher) {
    return store.subscribe(channel, message -> hear(message, watcher), watcher::missed);
  }

  private void hear(String message, SharedCache.Watcher watcher) {
    Matcher matcher = MESSAGE.matcher(message);
    if (!matcher.matches()) {
      unreadable.increment();
    } else if (!matcher.group(1).equals(self)) {
      heard.increment();
      String key = matcher.group(2);
      watcher.changed(
          new PromptKey(
              HexFormat.fromHexDigitsToLong(key.substring(0, HALF)),
              HexFormat.fromHexDigitsToLong(key.substring(HALF))));
    }
  }
}
