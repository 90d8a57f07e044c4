package dev.forebay.queuing.fifo;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.Unit;

/** First come, first served, up to a capacity; who comes to a full queue is shed. */
public final class Fifo implements Provider<RequestQueue, Fifo.Options> {

  private static final int CAPACITY = 1000;

  /**
   * Options.
   *
   * @param capacity how many may wait, at least 1
   */
  @Doc("First come, first served; who comes to a full queue is shed.")
  public record Options(
      @Doc("how many may wait")
          @Default("" + CAPACITY)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int capacity) {

    /** The plugin with these options. */
    public Plugin<RequestQueue> plugin() {
      return Plugin.of(new Fifo(), this);
    }
  }

  /** The defaults: 1,000 may wait. */
  public static Options defaults() {
    return new Options(CAPACITY);
  }

  /** A queue of that many requests. */
  public static Options capacity(int requests) {
    return new Options(requests);
  }

  @Override
  public Class<RequestQueue> kind() {
    return RequestQueue.class;
  }

  @Override
  public String name() {
    return "fifo";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public RequestQueue create(Options options, PluginContext context) {
    return new FifoQueue(options.capacity());
  }
}
