package dev.forebay.redis.twin;

import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisStore;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A Redis in virtual time: keys with their time to live, a bound on memory with the policy {@code
 * volatile-ttl}, channels, latency and faults. Lent to a host as its {@link RedisStore.Connector},
 * it takes the place of the network under the cache {@code redis}; plugins that are given the same
 * twin share what it holds, as gateways do.
 */
public final class RedisTwin implements RedisStore.Connector {

  private final Options options;
  private final TwinMemory memory;
  private final List<BiConsumer<String, String>> subscribers = new ArrayList<>();
  private long kills;

  /**
   * What the model is.
   *
   * @param latency of the network, one way; commands take no time of their own
   * @param spread each way takes up to this share longer, by chance
   * @param maxMemory bound on keys and values, in bytes
   * @param faults what goes wrong
   */
  @Doc("A Redis in virtual time.")
  public record Options(
      @Doc("Latency of the network, one way.") @Default("150us") @Range(min = 0, max = 60)
          Duration latency,
      @Doc("Each way takes up to this share longer, by chance.")
          @Default("0.5")
          @Range(min = 0, max = 100)
          double spread,
      @Doc("Bound on keys and values; past it, those leave that would end soonest.")
          @Default("1GiB")
          @Range(min = 1, max = 1L << 40)
          @Unit("bytes")
          long maxMemory,
      @Doc("What goes wrong.") @Default("[]") List<TwinFault> faults) {

    /** Copies. */
    public Options {
      faults = List.copyOf(faults);
    }

    /** 150 µs one way, up to half longer, 1 GiB, and nothing goes wrong. */
    public static Options defaults() {
      return new Options(Duration.ofNanos(150_000), 0.5, 1L << 30, List.of());
    }

    /** With faults. */
    public Options with(TwinFault... some) {
      return new Options(latency, spread, maxMemory, List.of(some));
    }

    /** With another bound on memory. */
    public Options with(long bytes) {
      return new Options(latency, spread, bytes, faults);
    }
  }

  /** A server that holds nothing. */
  public RedisTwin(Options options) {
    this.options = options;
    this.memory = new TwinMemory(options.maxMemory());
  }

  @Override
  public RedisStore connect(Redis.Options redis, PluginContext context) {
    return new TwinStore(this, context);
  }

  Options options() {
    return options;
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
    return options.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.GONE)
        .mapToLong(fault -> fault.begun(nanos))
        .sum();
  }

  boolean suffers(TwinFault.Kind kind, long nanos) {
    return options.faults().stream().anyMatch(fault -> fault.kind() == kind && fault.at(nanos));
  }

  /** How many times as long everything takes. */
  double slowness(long nanos) {
    return options.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.SLOW && fault.at(nanos))
        .mapToDouble(TwinFault::amount)
        .max()
        .orElse(1);
  }

  /** When it goes on, where it stands still; else the time itself. */
  long goesOn(long nanos) {
    return options.faults().stream()
        .filter(fault -> fault.kind() == TwinFault.Kind.PAUSED)
        .mapToLong(fault -> fault.endOf(nanos))
        .max()
        .orElse(nanos);
  }

  List<BiConsumer<String, String>> subscribers() {
    return subscribers;
  }
}
