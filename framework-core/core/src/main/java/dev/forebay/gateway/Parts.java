package dev.forebay.gateway;

import dev.forebay.config.ConfigException;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All instances of plugins of a gateway, in the order in which they were made. Whatever goes wrong
 * in one of them is noted, and keeps nobody from doing the same to the others. From any thread.
 */
final class Parts {

  private static final ThreadLocal<@Nullable Making> MAKING = new ThreadLocal<>();

  private final PluginErrors errors;
  private final MetricsRegistry metrics;
  private final List<Part> made = new ArrayList<>();
  private final List<Loan> loans = new ArrayList<>();
  private boolean prepared;

  /** An instance, under the name of its context. */
  private record Part(String name, Object instance, Plugin<?> plugin, @Nullable Group group) {}

  /** What is being made on a thread, and whose state may go on in it. */
  private record Making(Group group, @Nullable Group former) {}

  /** A part of one group that goes on in another, once that has taken its place. */
  private record Loan(Part part, Group to) {}

  /** Parts that come and go together: a stage, or a pool, with what it was made of. */
  static final class Group {
    private final Set<Class<?>> asked = ConcurrentHashMap.newKeySet();
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    /** Notes the name of a context that it was made with. */
    void named(String context) {
      names.add(context);
    }

    /** Whether it was made with one of these resources. */
    boolean askedFor(Collection<Class<?>> types) {
      return types.stream().anyMatch(asked::contains);
    }
  }

  Parts(PluginErrors errors, MetricsRegistry metrics) {
    this.errors = errors;
    this.metrics = metrics;
  }

  /**
   * Makes something whose parts are of one group.
   *
   * @param former a group that will end: its limiters and caches that have the same name and the
   *     same options go on in the new one, with what they know; null for none
   */
  <T> T making(Group group, @Nullable Group former, Supplier<T> maker) {
    Making outer = MAKING.get();
    MAKING.set(new Making(group, former));
    try {
      return maker.get();
    } finally {
      MAKING.set(outer);
    }
  }

  /** Something that is being made asks for a resource. */
  void asked(Class<?> resource) {
    Making now = MAKING.get();
    if (now != null) {
      now.group().asked.add(resource);
    }
  }

  /** Options that are refused; the message names what refuses them. */
  private static final class RefusedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A refusal of options with the name of what refuses them, if it does not say that already. */
  static IllegalArgumentException named(String name, IllegalArgumentException refusal) {
    return refusal instanceof ConfigException || refusal instanceof RefusedException
        ? refusal
        : new RefusedException(name + ": " + refusal.getMessage(), refusal);
  }

  /**
   * Makes an instance. It is prepared at once if the others are.
   *
   * @throws IllegalArgumentException if its options are wrong; the message names its context, or
   *     the place of its options in a document
   */
  <T> T create(Plugin<T> plugin, PluginContext context) {
    Making now = MAKING.get();
    T former = now == null ? null : former(now, plugin, context.name());
    if (former != null) {
      return former;
    }
    T instance;
    try {
      instance = errors.create(plugin, context);
    } catch (IllegalArgumentException e) {
      throw named(context.name(), e);
    }
    boolean late;
    synchronized (made) {
      made.add(new Part(context.name(), instance, plugin, now == null ? null : now.group()));
      late = prepared;
    }
    if (late && instance instanceof Lifecycle lifecycle) {
      guarded(context.name(), lifecycle, Lifecycle::prepare);
    }
    return instance;
  }

  @SuppressWarnings("unchecked") // the same options make instances of the same kind
  private <T> @Nullable T former(Making now, Plugin<T> plugin, String name) {
    synchronized (made) {
      for (Part part : made) {
        boolean keeps =
            part.instance() instanceof RateLimiter || part.instance() instanceof ResponseCache;
        if (part.group() != null
            && part.group() == now.former()
            && keeps
            && part.name().equals(name)
            && plugin instanceof Record
            && part.plugin().equals(plugin)) {
          loans.add(new Loan(part, now.group()));
          return (T) part.instance();
        }
      }
      return null;
    }
  }

  /** What was taken over from groups that end is of the groups that took it, for good or not. */
  void settle(boolean taken) {
    synchronized (made) {
      if (taken) {
        for (Loan loan : loans) {
          made.replaceAll(part -> goesWith(part, loan.part()) ? moved(part, loan.to()) : part);
        }
      }
      loans.clear();
    }
  }

  /** Whether a part is another, or was made by it. */
  private static boolean goesWith(Part part, Part other) {
    return part.group() == other.group()
        && (part.name().equals(other.name()) || part.name().startsWith(other.name() + "/"));
  }

  private static Part moved(Part part, Group to) {
    return new Part(part.name(), part.instance(), part.plugin(), to);
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
    Part closing;
    synchronized (made) {
      closing = made.stream().filter(part -> part.instance() == instance).findFirst().orElse(null);
      made.removeIf(part -> part.instance() == instance);
    }
    return closing != null && instance instanceof Lifecycle lifecycle
        ? closed(closing.name(), lifecycle)
        : Future.succeededFuture();
  }

  /**
   * Closes the parts of a group, the last that was made first. Metrics under names that nobody else
   * has are forgotten: a gauge holds what it reads.
   */
  Future<Void> close(Group group) {
    List<Object> own;
    synchronized (made) {
      own = made.stream().filter(part -> part.group() == group).map(Part::instance).toList();
    }
    Future<Void> closed = close(own);
    synchronized (made) {
      group.names.stream().filter(this::isFree).forEach(metrics::forget);
    }
    return closed;
  }

  /** Whether neither a part nor what parts are made of has a name, or one below it. */
  private boolean isFree(String name) {
    return made.stream()
        .noneMatch(
            part ->
                isBelow(part.name(), name)
                    || (part.group() != null
                        && part.group().names.stream().anyMatch(each -> isBelow(each, name))));
  }

  private static boolean isBelow(String name, String top) {
    return name.equals(top) || name.startsWith(top + "/");
  }

  /** Closes all parts, the last that was made first. */
  Future<Void> close() {
    return close(all(Object.class));
  }

  private Future<Void> close(List<Object> parts) {
    List<Future<Void>> closing = new ArrayList<>();
    for (Object part : parts.reversed()) {
      closing.add(close(part));
    }
    return Future.join(closing).mapEmpty();
  }

  private Future<Void> closed(String name, Lifecycle part) {
    Future<Void> closed;
    try {
      closed = errors.required(part.close(), part, "close", "a future");
    } catch (Exception | Error e) {
      closed = Future.failedFuture(e);
    }
    return closed.onFailure(thrown -> errors.note(name, thrown)).otherwiseEmpty();
  }

  private void guarded(String name, Lifecycle part, Consumer<Lifecycle> action) {
    try {
      action.accept(part);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }
}
