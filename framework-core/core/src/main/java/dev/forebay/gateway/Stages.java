package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.limiting.AdmissionFilter;
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
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stages of an assembly, by the names of their contexts. */
final class Stages {

  private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

  private static final String RESUME = "resume";

  private final Host host;
  private final Map<String, Supplier<? extends PartState>> states;
  private final Map<String, Stage> stages = new LinkedHashMap<>();

  /** A stage that was made. */
  record Stage(Plugin<Filter> plugin, Group group, Filter filter) {}

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
   * @param succession says whether the stage of a former assembly goes on; null if there is none
   */
  Filter filter(Plugin<Filter> stage, PluginContext context, @Nullable Succession succession) {
    if (stage.readsHead() && context.resource(Vertx.class).isEmpty()) {
      LOG.warn(
          "filter {}: it reads heads of requests, and here there are none", Plugins.name(stage));
    }
    String name = context.name();
    Stage kept = succession == null ? null : succession.keeps(name, stage);
    Stage running = kept == null ? begun(stage, context, succession) : kept;
    stages.put(name, running);
    Filter made = running.filter();
    if (made instanceof AdmissionFilter admission) {
      states.put(name, admission::state);
    }
    return made instanceof OwnFilter ? made : GuardedStream.guard(made, name, host.errors());
  }

  /** Warns of a stage that can do nothing with the backends that there are. */
  void check(Collection<BalancingService> pools) {
    boolean resumes =
        stages.values().stream().anyMatch(stage -> Plugins.name(stage.plugin()).equals(RESUME));
    if (resumes && pools.stream().noneMatch(BalancingService::mayContinue)) {
      LOG.warn(
          "resume: no backend can continue an answer (expected: one that says so, such as openai"
              + " with continues)");
    }
  }

  private Stage begun(
      Plugin<Filter> stage, PluginContext context, @Nullable Succession succession) {
    Group group = new Group();
    group.named(context.name());
    Group former = succession == null ? null : succession.begins(context.name(), group);
    Parts parts = host.parts();
    Filter made = parts.making(group, former, () -> parts.create(stage, context));
    return new Stage(stage, group, made);
  }
}
