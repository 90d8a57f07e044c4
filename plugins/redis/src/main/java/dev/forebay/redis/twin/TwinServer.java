package dev.forebay.redis.twin;

import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisStore;
import dev.forebay.spi.PluginContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A Redis in virtual time: keys with their time to live, a bound on memory with the policy {@code
 * volatile-ttl}, channels, latency and faults. Lent to a host as its {@link RedisStore.Connector},
 * it takes the place of the network under the cache {@code redis}; plugins that are given the same
 * twin share what it holds, as gateways do.
 */
public final class TwinServer implements RedisStore.Connector {

  private final TwinModel model;
  private final TwinMemory memory;
  private final List<BiConsumer<String, String>> subscribers = new ArrayList<>();
  private long kills;

  /** A server that holds nothing. */
  public TwinServer(TwinModel model) {
    this.model = model;
    this.memory = new TwinMemory(model.maxMemory());
  }

  @Override
  public RedisStore connect(Redis redis, PluginContext context) {
    return new TwinStore(this, context);
  }

  TwinModel model() {
    return model;
  }

  /** What it holds at a time: after it was killed, nothing. */
  TwinMemory memory(long nanos) {
    long killed = killed(nanos);
    if (killed > kills) {
      kills = killed;
      memory.clear();
    }
    return memory;
  }

  /** How often it was killed until a time, in nanoseconds. */
  long killed(long nanos) {
    return model.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.GONE)
        .mapToLong(fault -> fault.begun(nanos))
        .sum();
  }

  boolean suffers(TwinFault.Kind kind, long nanos) {
    return model.faults().stream().anyMatch(fault -> fault.kind() == kind && fault.at(nanos));
  }

  /** How many times as long everything takes. */
  double slowness(long nanos) {
    return model.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.SLOW && fault.at(nanos))
        .mapToDouble(TwinFault::amount)
        .max()
        .orElse(1);
  }

  /** When it goes on, where it stands still; else the time itself. */
  long goesOn(long nanos) {
    return model.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.PAUSED)
        .mapToLong(fault -> fault.endOf(nanos))
        .max()
        .orElse(nanos);
  }

  List<BiConsumer<String, String>> subscribers() {
    return subscribers;
  }
}
