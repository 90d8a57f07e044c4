package dev.forebay.core.kernel;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Unlinked;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong in plugins: each exception fails its request, is named and counted, and nothing
 * else. The log gets each of the first few that differ once, with its stack trace, so that a broken
 * plugin cannot fill a disk. It makes the plugins, so that it knows the name of each in a stack
 * trace.
 */
public final class PluginErrors {

  private static final Logger LOG = LoggerFactory.getLogger(PluginErrors.class);
  private static final int TRACES = 10;

  /** Errors that are compared with those before: to tell one from another takes time. */
  private static final int COMPARED = 1000;

  private static final String COMPILED = "a plugin compiled for this version of Forebay";

  /** Whether this JVM checks assertions, as tests do. */
  private static final boolean ASSERTING = PluginErrors.class.desiredAssertionStatus();

  private final Timeline timeline;
  private final AtomicLong count = new AtomicLong();
  private final AtomicReference<@Nullable String> first = new AtomicReference<>();
  private final Set<String> logged = ConcurrentHashMap.newKeySet();
  private final PluginCode code = new PluginCode();

  /** None yet, of the plugins that run on a timeline. */
  public PluginErrors(Timeline timeline) {
    this.timeline = timeline;
  }

  /**
   * Makes a plugin.
   *
   * @throws PluginException if it throws, makes nothing, or makes something else than its kind
   * @throws IllegalArgumentException if its options are out of bounds, or contradict each other
   */
  public <T> T create(Plugin<T> plugin, PluginContext context) {
    String name = Plugins.name(plugin);
    Class<?> kind = Plugins.kind(plugin);
    if (plugin instanceof Record options && !(plugin instanceof NamedPlugin)) {
      Options.check(options);
    }
    code.creating(name);
    try {
      T made = plugin.create(context);
      if (made == null || (kind != null && !kind.isInstance(made))) {
        String found = made == null ? "null" : "a " + made.getClass().getName();
        throw new PluginException(told(plugin, "returned " + found, expected(kind)), null);
      }
      code.made(name, made);
      return made;
    } catch (IllegalArgumentException | PluginException e) {
      throw e;
    } catch (LinkageError e) {
      throw new PluginException(told(plugin, "threw " + e + at(e), linked(e)), e);
    } catch (RuntimeException | Error e) {
      throw new PluginException(told(plugin, "threw " + e + at(e), expected(kind)), e);
    } finally {
      code.creating(null);
    }
  }

  private static String told(Plugin<?> plugin, String what, String expected) {
    return "plugin %s: create %s (expected: %s)".formatted(Plugins.name(plugin), what, expected);
  }

  private static String expected(@Nullable Class<?> kind) {
    return kind == null ? "an instance" : "a " + kind.getSimpleName();
  }

  /** A plugin that was made here, in words: its name and its class. */
  public String named(Object made) {
    return code.named(made);
  }

  /**
   * What a plugin returned, if that is something.
   *
   * @param plugin that was called
   * @param call the name of its method
   * @param expected what it should return
   * @throws RuntimeException if it is null; the message names the plugin
   */
  public <T> T required(@Nullable T returned, Object plugin, String call, String expected) {
    if (returned == null) {
      throw returned(plugin, call, "null", expected);
    }
    return returned;
  }

  /** An exception that says which plugin returned what it must not. */
  public RuntimeException returned(Object plugin, String call, String found, String expected) {
    return new ReturnedException(
        "%s: %s returned %s (expected: %s)".formatted(code.named(plugin), call, found, expected),
        found);
  }

  /** A plugin returned what it must not; the exception is made in its place. */
  private static final class ReturnedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final String found;

    ReturnedException(String message, String found) {
      super(message);
      this.found = found;
    }
  }

  /** How many there were. */
  public long count() {
    return count.get();
  }

  /**
   * The first one, in one line with the name of its plugin and the line of its author; null if
   * there was none.
   */
  public @Nullable String first() {
    return first.get();
  }

  /**
   * Where a thread is in the code of a plugin.
   *
   * @param stack of the thread
   * @return the plugin, the call and the line, in words; null if it is in no plugin
   */
  public @Nullable String calling(StackTraceElement[] stack) {
    PluginCode.Spot spot = code.spot(stack);
    return spot == null
        ? null
        : (spot.plugin() == null ? "code of a plugin" : "plugin " + spot.plugin())
            + ", in its call "
            + spot.method()
            + ", at "
            + spot.line();
  }

  /** Counts an exception and makes the failure that the request gets. */
  public Failure failure(String plugin, Throwable thrown) {
    if (thrown instanceof Failure failure) {
      return failure;
    }
    note(plugin, thrown);
    return Failure.internal(
        "plugin "
            + plugin
            + " failed: "
            + (thrown instanceof ReturnedException returned
                ? "it returned " + returned.found
                : thrown.getClass().getSimpleName()),
        thrown);
  }

  /**
   * Counts an exception that concerns no single request. An assertion that failed is thrown again,
   * after all that is under way, if this JVM checks assertions: a test must see it.
   *
   * @param plugin the name of its context, such as {@code balance}
   */
  public void note(String plugin, Throwable thrown) {
    if (ASSERTING && thrown instanceof AssertionError assertion) {
      timeline.execute(() -> timeline.after(0, () -> throwAgain(assertion)));
    }
    long number = count.incrementAndGet();
    boolean seldom = number > TRACES && Long.bitCount(number) == 1;
    if (!seldom && (number > COMPARED || logged.size() >= TRACES)) {
      return;
    }
    String line = line(plugin, thrown);
    first.compareAndSet(null, line);
    if (logged.size() < TRACES && logged.add(line)) {
      // A verdict is about what the plugin returned: the plugin is not in its stack trace.
      LOG.error("plugin {}", line, isVerdict(thrown) ? null : thrown);
    } else if (seldom) {
      LOG.error("plugin {} ({} errors so far)", line, number);
    }
  }

  private static void throwAgain(AssertionError assertion) {
    throw assertion;
  }

  private boolean isVerdict(Throwable thrown) {
    return thrown instanceof ReturnedException || code.isVerdict(thrown);
  }

  private String line(String context, Throwable thrown) {
    if (thrown instanceof ReturnedException) {
      return thrown.getMessage() + ", in " + context;
    }
    PluginCode.Spot spot = code.spot(thrown.getStackTrace());
    String name = spot == null ? null : spot.plugin();
    String who = name == null ? context : name + " (" + context + ")";
    String hint = thrown instanceof LinkageError ? " (expected: " + linked(thrown) + ")" : "";
    return code.isVerdict(thrown)
        ? who + ": " + thrown.getMessage()
        : who + " threw " + thrown + at(thrown) + hint;
  }

  private static String linked(Throwable thrown) {
    return Unlinked.isAbsent(thrown) ? Unlinked.of(thrown).expected() : COMPILED;
  }

  private String at(Throwable thrown) {
    PluginCode.Spot spot = code.spot(thrown.getStackTrace());
    return spot == null ? "" : " at " + spot.line();
  }
}
