package dev.forebay.core.kernel;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which code is a plugin's: finds the plugin, the call and the line of its author in a stack trace.
 * So no call into a plugin has to note that it is made, and a thread that hangs can be looked at
 * from another. From any thread.
 */
final class PluginCode {

  /** Code that calls plugins. A plugin that lives there, too, is known by its class. */
  private static final List<String> CALLERS =
      List.of(
          "dev.forebay.config.",
          "dev.forebay.core.",
          "dev.forebay.dialect.",
          "dev.forebay.edge.",
          "dev.forebay.gateway.",
          "dev.forebay.net.",
          "dev.forebay.replay.",
          "dev.forebay.server.",
          "dev.forebay.simulation.",
          "dev.forebay.spi.");

  private static final List<String> MAKERS =
      List.of(
          "dev.forebay.config.Registry",
          "dev.forebay.core.kernel.PluginErrors",
          "dev.forebay.spi.");

  private static final List<String> LIBRARIES =
      List.of("java.", "javax.", "jdk.", "sun.", "com.sun.", "io.vertx.", "io.netty.");

  /** Classes that are known, at most: a pool may be given new backends for years. */
  private static final int MOST_CLASSES = 10_000;

  private final Map<String, String> plugins = new ConcurrentHashMap<>();
  private volatile @Nullable String creating;

  /**
   * Where a thread is in the code of a plugin.
   *
   * @param plugin its name; null if only its code is known
   * @param method the method by which it was called
   * @param line the innermost line of its author, such as {@code a.B.choose(B.java:12)}
   */
  record Spot(@Nullable String plugin, String method, String line) {}

  /** A plugin is being made, until {@link #made}; null for none. */
  void creating(@Nullable String plugin) {
    creating = plugin;
  }

  /** A plugin was made. */
  void made(String plugin, Object instance) {
    if (plugins.size() < MOST_CLASSES) {
      plugins.putIfAbsent(withoutLambda(instance.getClass().getName()), plugin);
    }
  }

  /** A plugin that was made, in words: its name, if that is known, and its class. */
  String named(Object instance) {
    String type = withoutLambda(instance.getClass().getName());
    String plugin = plugins.get(type);
    return plugin == null ? type : plugin + " (" + type + ")";
  }

  /** The innermost code of a plugin; null if there is none. */
  @Nullable Spot spot(StackTraceElement[] stack) {
    int first = 0;
    while (first < stack.length && !isAuthors(stack[first])) {
      first++;
    }
    if (first == stack.length) {
      return inCreate(stack);
    }
    String plugin = null;
    StackTraceElement entry = stack[first];
    for (int i = first; i < stack.length && !isCaller(stack[i]); i++) {
      if (isAuthors(stack[i])) {
        entry = stack[i];
        plugin = plugin == null ? plugins.get(withoutLambda(entry.getClassName())) : plugin;
      }
    }
    String made = creating;
    return new Spot(plugin == null ? made : plugin, entry.getMethodName(), line(stack[first]));
  }

  /** The same while a plugin is made that lives beside its callers: its class is not known yet. */
  private @Nullable Spot inCreate(StackTraceElement[] stack) {
    String plugin = creating;
    int entry = 0;
    while (entry < stack.length && !startsWithAny(stack[entry], MAKERS)) {
      entry++;
    }
    if (plugin == null || entry == stack.length) {
      return null;
    }
    for (int i = 0; i < entry; i++) {
      if (!isLibrary(stack[i])) {
        return new Spot(plugin, "create", line(stack[i]));
      }
    }
    return null;
  }

  /** Whether code that calls plugins made an exception, because of what a plugin returned. */
  boolean isVerdict(Throwable thrown) {
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (!isLibrary(frame)) {
        return isCaller(frame);
      }
    }
    return false;
  }

  private boolean isAuthors(StackTraceElement frame) {
    return !isLibrary(frame) && !isCaller(frame);
  }

  private boolean isCaller(StackTraceElement frame) {
    return startsWithAny(frame, CALLERS)
        && !plugins.containsKey(withoutLambda(frame.getClassName()));
  }

  private static boolean isLibrary(StackTraceElement frame) {
    return startsWithAny(frame, LIBRARIES);
  }

  private static boolean startsWithAny(StackTraceElement frame, List<String> packages) {
    for (String name : packages) {
      if (frame.getClassName().startsWith(name)) {
        return true;
      }
    }
    return false;
  }

  /** The code of a lambda stands in the class that holds it. */
  private static String withoutLambda(String className) {
    int at = className.indexOf("$$Lambda");
    return at < 0 ? className : className.substring(0, at);
  }

  private static String line(StackTraceElement frame) {
    return "%s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            frame.getFileName() == null ? "unknown" : frame.getFileName(),
            Math.max(0, frame.getLineNumber()));
  }
}
