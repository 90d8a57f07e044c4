package dev.forebay.queuing.priority;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.Unit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The most urgent class first ({@link RequestInfo#priority()}), first come, first served within
 * one.
 *
 * <p>Where it is full, the youngest ticket of the least urgent class is shed, if that class is less
 * urgent than the newcomer's; else the newcomer. Aging keeps lower classes from starving, as in the
 * schedulers of operating systems (A. Silberschatz et al., Operating System Concepts, ch. 5).
 */
public final class Priority implements Provider<RequestQueue, Priority.Options> {

  private static final int CAPACITY = 1000;

  /**
   * Options.
   *
   * @param capacity how many may wait in all classes together, at least 1
   * @param aging after each such time in the queue a ticket's turn comes as if it were one class
   *     more urgent; 0 for never; below the {@code max-wait} of the stage. Null for a time by the
   *     ticket: a ticket of class {@code p} gains a class after each {@code p + 2}nd part of the
   *     time that it may wait. So a standard ticket ages after a third of it, and a ticket of any
   *     class is as urgent as any other before its time is up. Whom to shed is decided by the
   *     classes themselves.
   */
  @Doc("The most urgent class first; where it is full, the least urgent and youngest is shed.")
  public record Options(
      @Doc("how many may wait, in all classes together")
          @Default("" + CAPACITY)
          @Range(min = 1, max = 1_000_000)
          @Unit("requests")
          int capacity,
      @Doc(
              "after each such time a ticket counts as one class more urgent; below `max-wait`, or 0"
                  + " for never; by default after a third of the time that a standard request may"
                  + " wait, and so that each class is the most urgent before its time is up")
          @Range(min = 0, max = 86400)
          @Nullable Duration aging) {

    /** With another time of aging; {@link Duration#ZERO} for none. */
    public Options aging(Duration perClass) {
      return new Options(capacity, perClass);
    }

    /** The plugin with these options. */
    public Plugin<RequestQueue> plugin() {
      return Plugin.of(new Priority(), this);
    }
  }

  /** The defaults: 1,000 may wait, and age by the time that they may wait. */
  public static Options defaults() {
    return capacity(CAPACITY);
  }

  /** A queue of that many requests. */
  public static Options capacity(int requests) {
    return new Options(requests, null);
  }

  @Override
  public Class<RequestQueue> kind() {
    return RequestQueue.class;
  }

  @Override
  public String name() {
    return "priority";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public RequestQueue create(Options options, PluginContext context) {
    return new PriorityRequestQueue(options, context);
  }
}
