package dev.forebay.gateway;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All instances of plugins of a gateway, in the order in which they were made. Whatever goes wrong
 * in one of them is noted, and keeps nobody from doing the same to the others. From any thread.
 */
final class Parts {

  private final PluginErrors errors;
  private final MetricsRegistry metrics;
  private final List<Part> made = new ArrayList<>();
  private boolean prepared;

  /** An instance, under the name of its context. */
  private record Part(String name, Object instance) {}

  Parts(PluginErrors errors, MetricsRegistry metrics) {
    this.errors = errors;
    this.metrics = metrics;
  }

  /** Makes an instance. It is prepared at once if the others are. */
  <T> T create(Plugin<T> plugin, PluginContext context) {
    T instance = errors.create(plugin, context);
    boolean late;
    synchronized (made) {
      made.add(new Part(context.name(), instance));
      late = prepared;
    }
    if (late && instance instanceof Lifecycle lifecycle) {
      guarded(context.name(), lifecycle, Lifecycle::prepare);
    }
    return instance;
  }

  /** Those of a type, the first first. */
  <T> List<T> all(Class<T> type) {
    synchronized (made) {
      return made.stream().map(Part::instance).filter(type::isInstance).map(type::cast).toList();
    }
  }

  /** Prepares all that have been made, and those to come when they are made. */
  void prepare() {
    synchronized (made) {
      prepared = true;
    }
    all(Lifecycle.class).forEach(part -> guarded("prepare", part, Lifecycle::prepare));
  }

  /** Tells all that they will be closed. */
  void draining() {
    all(Lifecycle.class).forEach(part -> guarded("draining", part, Lifecycle::draining));
  }

  /** Closes one whose gateway goes on without it, and forgets its metrics. */
  void left(Object instance) {
    synchronized (made) {
      for (Part part : made) {
        if (part.instance() == instance) {
          metrics.forget(part.name());
        }
      }
    }
    close(instance);
  }

  /** Closes one, unless it was closed before. */
  Future<Void> close(Object instance) {
    boolean here;
    synchronized (made) {
      here = made.removeIf(part -> part.instance() == instance);
    }
    return here && instance instanceof Lifecycle lifecycle
        ? closed(lifecycle::close)
        : Future.succeededFuture();
  }

  /** Closes all, the last that was made first. */
  Future<Void> close() {
    List<Future<Void>> closing = new ArrayList<>();
    for (Object part : all(Object.class).reversed()) {
      closing.add(close(part));
    }
    return Future.join(closing).mapEmpty();
  }

  private Future<Void> closed(Supplier<Future<Void>> closer) {
    Future<Void> closed;
    try {
      closed = Objects.requireNonNull(closer.get(), "close: null (expected: a future)");
    } catch (Exception | LinkageError e) {
      closed = Future.failedFuture(e);
    }
    return closed.onFailure(thrown -> errors.note("close", thrown)).otherwiseEmpty();
  }

  private void guarded(String name, Lifecycle part, Consumer<Lifecycle> action) {
    try {
      action.accept(part);
    } catch (Exception | LinkageError e) {
      errors.note(name, e);
    }
  }
}
