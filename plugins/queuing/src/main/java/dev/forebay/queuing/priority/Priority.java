package dev.forebay.queuing.priority;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RequestQueue;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The most urgent class first ({@link RequestInfo#priority()}); within a class, another queue says
 * which ticket is next.
 *
 * <p>If it is full, the least urgent class loses the ticket that its queue sheds: in one that is
 * first come, first served, the youngest. Aging keeps lower classes from starving, as in the
 * schedulers of operating systems (A. Silberschatz et al., Operating System Concepts, ch. 5).
 *
 * @param capacity how many may wait in all classes together, at least 1
 * @param aging after each such time in the queue a ticket's turn comes as if it were one class more
 *     urgent; 0 for never; below the {@code max-wait} of the stage. Null for a time by the ticket:
 *     a ticket of class {@code p} gains a class after each {@code p + 2}nd part of the time that it
 *     may wait. So a standard ticket ages after a third of it, and a ticket of any class is as
 *     urgent as any other before its time is up. Whom to shed is decided by the classes themselves.
 *     Of a class that has aged, the oldest ticket is next, whatever the queue within it says.
 * @param within the queue of each class
 * @param classes how many classes are told apart, 1 to 8: the least urgent of them has all that are
 *     less urgent, too
 */
@RecordBuilder
@Doc("The most urgent class first; if it is full, the least urgent and youngest is shed.")
public record Priority(
    @Doc("how many may wait, in all classes together")
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int capacity,
    @Doc(
            "after each such time a ticket counts as one class more urgent; below `max-wait`, or 0"
                + " for never; by default after a third of the time that a standard request may"
                + " wait, and so that each class is the most urgent before its time is up")
        @Range(min = 0, max = 86400)
        @Nullable Duration aging,
    @Doc("the queue within each class") @Default("fifo") Plugin<RequestQueue> within,
    @Doc("classes that are told apart; those that are less urgent share the last of them")
        @Default("8")
        @Range(min = 1, max = RequestInfo.LEAST_PRIORITY + 1)
        int classes)
    implements Plugin<RequestQueue>, PriorityBuilder.With {

  /** The defaults: 1,000 may wait, and age by the time that they may wait. */
  public static Priority defaults() {
    return Options.defaults(Priority.class);
  }

  /** A queue of that many requests. */
  public static Priority capacity(int requests) {
    return defaults().withCapacity(requests);
  }

  /** Classes with a queue of their own within each. */
  public static Priority around(Plugin<RequestQueue> within) {
    return defaults().withWithin(within);
  }

  /** VIPs first, always; all others together, in the order of a queue of theirs. */
  public static Priority vipsFirst(Plugin<RequestQueue> within) {
    return around(within).withClasses(2).withAging(Duration.ZERO);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new PriorityRequestQueue(this, context);
  }
}
