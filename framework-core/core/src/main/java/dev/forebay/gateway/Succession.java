package dev.forebay.gateway;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.gateway.Parts.Group;
import dev.forebay.gateway.Stages.Stage;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a new assembly takes the place of one that runs. What has the same name and the same options
 * goes on as it is: stages with what they know and who waits in them, pools with their members'
 * health and load. Everything else is made new. Until {@link #settle}, nothing that runs has
 * changed. On the gateway's timeline.
 */
final class Succession {

  private final Assembly former;
  private final Blueprint next;
  private final Host host;
  private final Set<Class<?>> changed = new HashSet<>();
  private final List<RunningPool> freshPools = new ArrayList<>();
  private final List<Group> freshStages = new ArrayList<>();
  private final Map<RunningPool, PoolMembers.Change> changes = new LinkedHashMap<>();

  Succession(Assembly former, Blueprint next, Host host) {
    this.former = former;
    this.next = next;
    this.host = host;
    if (!former.blueprint().prices().equals(next.prices())) {
      changed.add(Prices.class);
    }
    if (!keepsBudget()) {
      changed.add(RetryBudget.class);
    }
  }

  Assembly former() {
    return former;
  }

  boolean keepsBudget() {
    return former.blueprint().extraWork().equals(next.extraWork());
  }

  /** The running pool that becomes what is described; null if there is none. */
  @Nullable RunningPool keeps(String name, Pool pool) {
    RunningPool running = former.runningPools().get(name);
    if (running == null) {
      return null;
    }
    if (!running.isLike(pool)) {
      if (running.discovers() || pool.discover() != null) {
        throw new IllegalArgumentException(
            "pool "
                + name
                + ": its discover and balance cannot change while the gateway runs, since a new"
                + " pool would begin without members (expected: a restart)");
      }
      return null;
    }
    changes.put(running, running.members().change(pool.members(), next.prices()));
    return running;
  }

  /** A pool is made. */
  void begins(RunningPool pool) {
    freshPools.add(pool);
  }

  /** The running stage that goes on; null if there is none. */
  @Nullable Stage keeps(String name, Plugin<Filter> stage) {
    Stage running = former.stages().get(name);
    boolean same =
        running != null
            && stage instanceof Record
            && running.plugin().equals(stage)
            && !running.group().askedFor(changed);
    return same ? running : null;
  }

  /** A stage is made; tells the group of the one in whose place it comes, if any. */
  @Nullable Group begins(String name, Group group) {
    freshStages.add(group);
    Stage running = former.stages().get(name);
    return running == null ? null : running.group();
  }

  /**
   * The new assembly takes the place.
   *
   * @param gauges sets the gauges of what is new
   */
  void settle(Assembly made, Runnable gauges) {
    host.parts().settle(true);
    gauges.run();
    changes.forEach((pool, change) -> change.apply(pool.balancing()));
    made.start(freshPools);
  }

  /** The new assembly cannot be made: everything stays as it was. */
  void undo() {
    host.parts().settle(false);
    changes.values().forEach(PoolMembers.Change::undo);
    freshPools.forEach(pool -> host.parts().close(pool.group()));
    freshStages.forEach(host.parts()::close);
    host.lend(RetryBudget.class, former.extraWork())
        .lend(Prices.class, former.blueprint().prices());
  }

  /** Closes what does not go on, once no request is on its way in it. */
  Future<Void> close(Assembly made) {
    List<Future<Void>> closing = new ArrayList<>();
    former
        .runningPools()
        .values()
        .forEach(
            pool -> {
              if (!made.runningPools().containsValue(pool)) {
                closing.add(pool.stop().eventually(() -> host.parts().close(pool.group())));
              }
            });
    endingStages(made).forEach(group -> closing.add(host.parts().close(group)));
    return Future.join(closing).mapEmpty();
  }

  private List<Group> endingStages(Assembly made) {
    Set<Group> going = new HashSet<>();
    made.stages().all().forEach(stage -> going.add(stage.group()));
    return former.stages().all().stream()
        .map(Stage::group)
        .filter(group -> !going.contains(group))
        .toList();
  }
}
