package dev.forebay.gateway;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.limiting.AdmissionFilter;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Resume;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.gateway.Parts.Group;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.state.PartState;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stages of an assembly, by the names of their contexts. */
final class Stages {

  private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

  private final Host host;
  private final Map<String, Supplier<? extends PartState>> states;
  private final Map<String, Stage> stages = new LinkedHashMap<>();

  /**
   * A stage that was made.
   *
   * @param pool whose stage it is; null for one that every request passes
   */
  record Stage(Plugin<Filter> plugin, @Nullable String pool, Group group, Filter filter) {}

  /** No stages; {@code states} takes the states of those that are made. */
  Stages(Host host, Map<String, Supplier<? extends PartState>> states) {
    this.host = host;
    this.states = states;
  }

  @Nullable Stage get(String name) {
    return stages.get(name);
  }

  Collection<Stage> all() {
    return stages.values();
  }

  /**
   * The filter of a stage, guarded if it is a plugin's.
   *
   * @param pool whose stage it is; null for one that every request passes
   * @param succession says whether the stage of a former assembly goes on; null if there is none
   */
  Filter filter(
      Plugin<Filter> stage,
      @Nullable String pool,
      PluginContext context,
      @Nullable Succession succession) {
    if (stage.readsHead() && context.resource(Vertx.class).isEmpty()) {
      LOG.warn(
          "filter {}: it reads heads of requests, and here there are none", Plugins.name(stage));
    }
    String name = context.name();
    Stage kept = succession == null ? null : succession.keeps(name, stage);
    Stage running = kept == null ? begun(stage, pool, context, succession) : kept;
    stages.put(name, running);
    Filter made = running.filter();
    if (made instanceof AdmissionFilter admission) {
      states.put(name, admission::state);
    }
    return made instanceof OwnFilter ? made : GuardedStream.guard(made, name, host.errors());
  }

  /** Warns of each stage that can do nothing with the backends that its requests come to. */
  void check(Blueprint blueprint, Map<String, RunningPool> pools) {
    stages.forEach(
        (name, stage) -> {
          Record options = Plugins.options(stage.plugin());
          List<List<RunningPool>> reached =
              blueprint.reached(stage.pool()).stream()
                  .map(names -> names.stream().map(pools::get).filter(Objects::nonNull).toList())
                  .toList();
          String of = stage.pool() == null ? "" : " of pool " + stage.pool();
          if (options instanceof Resume && reached.stream().noneMatch(RunningPool::mayContinue)) {
            LOG.warn(
                "{}: no backend{} can continue an answer (expected: one that says so, such as"
                    + " openai with continues)",
                name,
                of);
          }
          if (options instanceof Hedge && reached.stream().noneMatch(RunningPool::mayBeSeveral)) {
            LOG.warn(
                "{}: there is no second backend{} to ask, so that a second call goes to the first"
                    + " again (expected: two or more)",
                name,
                of);
          }
        });
  }

  private Stage begun(
      Plugin<Filter> stage,
      @Nullable String pool,
      PluginContext context,
      @Nullable Succession succession) {
    Group group = new Group();
    group.named(context.name());
    Group former = succession == null ? null : succession.begins(context.name(), group);
    Parts parts = host.parts();
    Filter made = parts.making(group, former, () -> parts.create(stage, context));
    return new Stage(stage, pool, group, made);
  }
}
