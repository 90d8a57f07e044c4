package dev.forebay.config;

import dev.forebay.spi.NamedPlugin;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Provider;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The plugins that there are: providers by kind and name. Immutable. */
public final class Registry {

  private record Key(Class<?> kind, String name) {}

  /** A plugin that is known, from whatever it is made. */
  private record Known(
      Key key,
      Class<? extends Record> options,
      Function<Record, Plugin<?>> plugin,
      String className,
      Place place) {

    static <O extends Record> Known of(Provider<?, O> provider, Place place) {
      Class<?> kind = Objects.requireNonNull(provider.kind(), "kind returned null");
      String name = Objects.requireNonNull(provider.name(), "name returned null");
      Class<O> options = Objects.requireNonNull(provider.options(), "options returned null");
      return new Known(
          new Key(kind, name),
          options,
          read -> Plugin.of(provider, options.cast(read)),
          provider.getClass().getName(),
          place);
    }

    static Known of(Class<? extends Record> type, Place place) {
      Class<?> kind = Objects.requireNonNull(Plugins.kind(type), "it is no Plugin<KIND>");
      return new Known(
          new Key(kind, Names.nameOf(type)), type, Plugin.class::cast, type.getName(), place);
    }
  }

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final String PLUGIN = "plugin";

  private final Map<Key, Known> known;

  private Registry(Map<Key, Known> known) {
    this.known = known;
  }

  /**
   * The providers that a class loader sees, found as {@link java.util.ServiceLoader} does.
   *
   * @throws ConfigException naming each provider that cannot be used, and why
   */
  public static Registry load(ClassLoader loader) {
    Mistakes mistakes = new Mistakes();
    Registry registry = load(loader, mistakes);
    mistakes.throwIfAny();
    return registry;
  }

  /**
   * The providers that a class loader sees, without those that cannot be used.
   *
   * @param mistakes takes each of those, with its jar and why
   */
  public static Registry load(ClassLoader loader, Mistakes mistakes) {
    Map<Key, Known> all = new LinkedHashMap<>();
    for (Provider<?, ?> provider : Providers.load(loader, mistakes)) {
      Place place = Providers.place(provider.getClass());
      add(() -> Known.of(provider, place), all, place, mistakes);
    }
    for (Class<? extends Record> type : Plugins.of(loader, p -> Providers.report(p, mistakes))) {
      Place place = Providers.place(type);
      add(() -> Known.of(type, place), all, place, mistakes);
    }
    return new Registry(all);
  }

  /**
   * Some providers.
   *
   * @throws ConfigException where two have the same kind and name, or one cannot be used
   */
  public static Registry of(Collection<? extends Provider<?, ?>> providers) {
    Mistakes mistakes = new Mistakes();
    Registry registry = of(providers, mistakes);
    mistakes.throwIfAny();
    return registry;
  }

  /** These and one more, as {@link #of(Collection)}. */
  public Registry with(Provider<?, ?> provider) {
    Place place = Providers.place(provider.getClass());
    return with(() -> Known.of(provider, place), place);
  }

  /**
   * These and one more.
   *
   * @param plugin a record that is a plugin
   * @throws ConfigException if one of its kind and name is here, or it cannot be used
   */
  public Registry with(Class<? extends Record> plugin) {
    Place place = Providers.place(plugin);
    return with(() -> Known.of(plugin, place), place);
  }

  private Registry with(Supplier<Known> more, Place place) {
    Mistakes mistakes = new Mistakes();
    Map<Key, Known> all = new LinkedHashMap<>(known);
    add(more, all, place, mistakes);
    mistakes.throwIfAny();
    return new Registry(all);
  }

  /** The names of one kind, sorted. */
  public List<String> names(Class<?> kind) {
    return known.keySet().stream().filter(key -> key.kind == kind).map(Key::name).sorted().toList();
  }

  /**
   * Reads a plugin: its name, or a mapping of {@code plugin: NAME} and its options.
   *
   * @param mistakes takes what is wrong
   * @return where something is wrong, a plugin that cannot be created
   */
  public <T> Plugin<T> plugin(Class<T> kind, Node node, Mistakes mistakes) {
    return plugin(kind, node, Set.of(), mistakes);
  }

  /**
   * As {@link #plugin(Class, Node, Mistakes)}, but some keys of the mapping are read elsewhere.
   *
   * @param foreign those keys; a message about an unknown key lists them, too
   */
  public <T> Plugin<T> plugin(Class<T> kind, Node node, Set<String> foreign, Mistakes mistakes) {
    Plugin<T> plugin = read(kind, node, foreign, mistakes);
    return plugin != null
        ? plugin
        : Plugin.of(
            kind,
            "mistaken",
            context -> {
              throw mistakes.exception();
            });
  }

  /**
   * Reads a plugin whose name stands before its options, as in {@code - cache: { store: lru }}.
   *
   * @param name of the plugin
   * @param expected what may stand in its place, for a message
   * @param options a mapping, or nothing
   * @return null if there is none of this name, or something is wrong
   */
  public <T> @Nullable Plugin<T> named(
      Class<T> kind, String name, String expected, Node options, Mistakes mistakes) {
    Known found = known.get(new Key(kind, name));
    if (found == null) {
      mistakes.add(options.place(), name, expected + otherKinds(name));
      return null;
    }
    Record read = new OptionsReader(this).read(found.options, options, mistakes);
    if (read == null) {
      return null;
    }
    @SuppressWarnings("unchecked") // its kind is the key it is found by
    Plugin<T> plugin = (Plugin<T>) found.plugin.apply(read);
    return placed(plugin, kind, found.options, options);
  }

  /**
   * A plugin in code.
   *
   * @param options by the names that configurations use; values as {@link Node#of} takes them
   * @throws ConfigException listing everything that is wrong
   */
  public <T> Plugin<T> plugin(Class<T> kind, String name, Map<String, ?> options) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(options);
    all.put(PLUGIN, name);
    Mistakes mistakes = new Mistakes();
    Plugin<T> plugin = plugin(kind, Node.of(all, Names.nameOf(kind) + " " + name), mistakes);
    mistakes.throwIfAny();
    return plugin;
  }

  /** All of them, sorted by kind and name. */
  public List<PluginDescription> descriptions() {
    return known.values().stream()
        .map(one -> PluginDescription.of(one.key.kind, one.key.name, one.options))
        .sorted(
            Comparator.comparing(PluginDescription::kind).thenComparing(PluginDescription::name))
        .toList();
  }

  private <T> @Nullable Plugin<T> read(
      Class<T> kind, Node node, Set<String> foreign, Mistakes mistakes) {
    Node name = node.kind() == Node.Kind.MAPPING ? node.get(PLUGIN) : node;
    if (name == null) {
      mistakes.add(node.place().child(PLUGIN), "missing", Names.oneOf(names(kind), ""));
      return null;
    }
    Known found = known.get(new Key(kind, name.text()));
    if (name.kind() != Node.Kind.SCALAR || found == null) {
      mistakes.add(name, expected(kind, name.text()) + otherKinds(name.text()));
      return null;
    }
    @SuppressWarnings("unchecked") // its kind is the key it is found by
    Plugin<T> plugin = (Plugin<T>) configured(found, node, foreign, mistakes);
    return plugin == null ? null : placed(plugin, kind, found.options, node);
  }

  /** What is expected where a plugin of a kind is to be named. */
  String expected(Class<?> kind, String given) {
    return "the name of a " + Names.nameOf(kind) + ": " + Names.oneOf(names(kind), given);
  }

  /** What a name stands for in other kinds, for a message; empty if there is none. */
  private String otherKinds(String name) {
    List<String> kinds =
        known.keySet().stream()
            .filter(key -> key.name.equals(name))
            .map(key -> Names.nameOf(key.kind))
            .sorted()
            .toList();
    return kinds.isEmpty() ? "" : "; " + name + " is a " + String.join(" and a ", kinds);
  }

  private @Nullable Plugin<?> configured(
      Known found, Node node, Set<String> foreign, Mistakes mistakes) {
    Node mapping = node.kind() == Node.Kind.MAPPING ? node : node.emptied();
    Set<String> others = new LinkedHashSet<>(List.of(PLUGIN));
    others.addAll(foreign);
    Record options = new OptionsReader(this).read(found.options, mapping, others, mistakes);
    return options == null ? null : found.plugin.apply(options);
  }

  /** A plugin that knows where its options stand, for what it has against them. */
  private static <T> Plugin<T> placed(
      Plugin<T> plugin, Class<T> kind, Class<? extends Record> options, Node node) {
    return new NamedPlugin<>(
        kind,
        Plugins.name(plugin),
        Plugins.options(plugin),
        context -> {
          try {
            return plugin.create(context);
          } catch (ConfigException e) {
            throw e; // of a plugin within, with a place of its own
          } catch (IllegalArgumentException e) {
            throw new ConfigException(Refusal.mistake(Options.of(options), node, e));
          }
        },
        plugin.readsHead());
  }

  private static Registry of(Collection<? extends Provider<?, ?>> providers, Mistakes mistakes) {
    Map<Key, Known> all = new LinkedHashMap<>();
    for (Provider<?, ?> provider : providers) {
      Place place = Providers.place(provider.getClass());
      add(() -> Known.of(provider, place), all, place, mistakes);
    }
    return new Registry(all);
  }

  private static void add(
      Supplier<Known> more, Map<Key, Known> all, Place place, Mistakes mistakes) {
    try {
      add(more.get(), all, mistakes);
    } catch (NullPointerException e) {
      mistakes.add(place, "cannot be used", "a plugin: " + e.getMessage());
    } catch (LinkageError | RuntimeException e) {
      mistakes.add(place, "cannot be used", "a plugin for this version of Forebay: " + e);
    }
  }

  private static void add(Known more, Map<Key, Known> all, Mistakes mistakes) {
    Key key = more.key;
    int before = mistakes.count();
    if (!NAME.matcher(key.name).matches()) {
      mistakes.add(more.place, key.name, "a name in lower case, words joined by hyphens");
    }
    if (Options.of(more.options).get(PLUGIN) != null) {
      mistakes.add(
          more.place, "an option named plugin", "another name: it stands for the plugin's");
    }
    OptionsReader.checkDefaults(more.options, mistakes);
    Known other = all.get(key);
    if (other == null && mistakes.count() == before) {
      all.put(key, more);
    } else if (other != null) {
      String found = "a second " + Names.nameOf(key.kind) + " " + key.name;
      mistakes.add(more.place, found, "another name; " + other.className + " has this one");
    }
  }
}
