package dev.forebay.gateway;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.host.Section;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** What a gateway has beside its pipeline. Sections outlast an assembly that is replaced. */
final class Sections {

  private final Parts parts;
  private final PluginErrors errors;

  /** What they have in front of the pipeline. */
  private final List<Chain.Link> fronts = new ArrayList<>();

  /** None. */
  Sections(Host host) {
    this.parts = host.parts();
    this.errors = host.errors();
  }

  void add(Plugin<Section> section, PluginContext context) {
    Filter front = parts.create(section, context).front();
    if (front != null) {
      fronts.add(
          new Chain.Link(context.name(), GuardedStream.guard(front, context.name(), errors)));
    }
  }

  /** A pipeline behind what sections have in front of it. */
  Service before(Service pipeline) {
    return fronts.isEmpty() ? pipeline : Chain.compose(fronts, pipeline, errors);
  }

  /** Whether requests may come, as far as sections know. */
  boolean ready() {
    for (Section section : parts.all(Section.class)) {
      try {
        if (!section.ready()) {
          return false;
        }
      } catch (Exception | Error e) {
        errors.note("section", e);
      }
    }
    return true;
  }

  /** Closes them, the last that was made first, each when the one before has closed. */
  Future<Void> close() {
    Future<Void> closed = Future.succeededFuture();
    for (Section section : parts.all(Section.class).reversed()) {
      closed = closed.eventually(() -> parts.close(section));
    }
    return closed;
  }
}
