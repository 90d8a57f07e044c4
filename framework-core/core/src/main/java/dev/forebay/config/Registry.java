package dev.forebay.config;

import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.ResponseCache;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The plugins that there are: providers by kind and name. Immutable. */
public final class Registry {

  private record Key(Class<?> kind, String name) {}

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final String PLUGIN = "plugin";

  private final Map<Key, Provider<?, ?>> providers;

  private Registry(Map<Key, Provider<?, ?>> providers) {
    this.providers = providers;
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
    return of(Providers.load(loader, mistakes), mistakes);
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
    List<Provider<?, ?>> all = new ArrayList<>(providers.values());
    all.add(provider);
    return of(all);
  }

  /**
   * What configurations call a kind: {@code rate-limiter}, {@code queue}, {@code cache}; of foreign
   * kinds their simple name with hyphens.
   */
  public static String kindName(Class<?> kind) {
    if (kind == RequestQueue.class) {
      return "queue";
    }
    if (kind == ResponseCache.class) {
      return "cache";
    }
    if (kind == HealthPolicy.class) {
      return "health";
    }
    return Text.kebab(kind.getSimpleName());
  }

  /** The names of one kind, sorted. */
  public List<String> names(Class<?> kind) {
    return providers.keySet().stream()
        .filter(key -> key.kind == kind)
        .map(Key::name)
        .sorted()
        .toList();
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
   * A plugin in code.
   *
   * @param options by the names that configurations use; values as {@link Node#of} takes them
   * @throws ConfigException listing everything that is wrong
   */
  public <T> Plugin<T> plugin(Class<T> kind, String name, Map<String, ?> options) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(options);
    all.put(PLUGIN, name);
    Mistakes mistakes = new Mistakes();
    Plugin<T> plugin = plugin(kind, Node.of(all, kindName(kind) + " " + name), mistakes);
    mistakes.throwIfAny();
    return plugin;
  }

  /** All of them, sorted by kind and name. */
  public List<PluginDescription> descriptions() {
    return providers.values().stream()
        .map(PluginDescription::of)
        .sorted(
            Comparator.comparing(PluginDescription::kind).thenComparing(PluginDescription::name))
        .toList();
  }

  private <T> @Nullable Plugin<T> read(
      Class<T> kind, Node node, Set<String> foreign, Mistakes mistakes) {
    Node name = node.kind() == Node.Kind.MAPPING ? node.get(PLUGIN) : node;
    if (name == null) {
      mistakes.add(node.place().child(PLUGIN), "missing", Text.oneOf(names(kind), ""));
      return null;
    }
    Provider<?, ?> provider = providers.get(new Key(kind, name.text()));
    if (name.kind() != Node.Kind.SCALAR || provider == null) {
      String expected = "the name of a " + kindName(kind) + ": ";
      mistakes.add(name, expected + Text.oneOf(names(kind), name.text()) + otherKinds(name.text()));
      return null;
    }
    @SuppressWarnings("unchecked") // its kind is the key it is found by
    Provider<T, ?> found = (Provider<T, ?>) provider;
    return configured(found, node, foreign, mistakes);
  }

  /** What a name stands for in other kinds, for a message; empty if there is none. */
  private String otherKinds(String name) {
    List<String> kinds =
        providers.keySet().stream()
            .filter(key -> key.name.equals(name))
            .map(key -> kindName(key.kind))
            .sorted()
            .toList();
    return kinds.isEmpty() ? "" : "; " + name + " is a " + String.join(" and a ", kinds);
  }

  private <T, O extends Record> @Nullable Plugin<T> configured(
      Provider<T, O> provider, Node node, Set<String> foreign, Mistakes mistakes) {
    Node mapping = node.kind() == Node.Kind.MAPPING ? node : node.emptied();
    Set<String> others = new LinkedHashSet<>(List.of(PLUGIN));
    others.addAll(foreign);
    O options = new OptionsReader(this).read(provider.options(), mapping, others, mistakes);
    return options == null ? null : Plugin.of(new Placed<>(provider, node), options);
  }

  private static Registry of(Collection<? extends Provider<?, ?>> providers, Mistakes mistakes) {
    Map<Key, Provider<?, ?>> all = new LinkedHashMap<>();
    for (Provider<?, ?> provider : providers) {
      Place place = Providers.place(provider);
      try {
        add(provider, all, place, mistakes);
      } catch (NullPointerException e) {
        mistakes.add(place, "cannot be used", "a provider: " + e.getMessage());
      } catch (LinkageError | RuntimeException e) {
        mistakes.add(place, "cannot be used", "a provider for this version of Forebay: " + e);
      }
    }
    return new Registry(all);
  }

  private static void add(
      Provider<?, ?> provider, Map<Key, Provider<?, ?>> all, Place place, Mistakes mistakes) {
    Class<?> kind = Objects.requireNonNull(provider.kind(), "kind returned null");
    Key key = new Key(kind, Objects.requireNonNull(provider.name(), "name returned null"));
    Objects.requireNonNull(provider.options(), "options returned null");
    int before = mistakes.count();
    if (!NAME.matcher(key.name).matches()) {
      mistakes.add(place, key.name, "a name in lower case, words joined by hyphens");
    }
    if (Options.of(provider.options()).get(PLUGIN) != null) {
      mistakes.add(place, "an option named plugin", "another name: it stands for the plugin's");
    }
    OptionsReader.checkDefaults(provider.options(), mistakes);
    Provider<?, ?> other = all.get(key);
    if (other == null && mistakes.count() == before) {
      all.put(key, provider);
    } else if (other != null) {
      String found = "a second " + kindName(key.kind) + " " + key.name;
      mistakes.add(place, found, "another name; " + other.getClass().getName() + " has this one");
    }
  }

  /** A provider that knows where its options stand, for what it has against them. */
  private record Placed<T, O extends Record>(Provider<T, O> provider, Node node)
      implements Provider<T, O> {

    @Override
    public Class<T> kind() {
      return provider.kind();
    }

    @Override
    public String name() {
      return provider.name();
    }

    @Override
    public Class<O> options() {
      return provider.options();
    }

    @Override
    public boolean readsHead() {
      return provider.readsHead();
    }

    @Override
    public T create(O options, PluginContext context) {
      try {
        return provider.create(options, context);
      } catch (ConfigException e) {
        throw e; // of a plugin within, with a place of its own
      } catch (IllegalArgumentException e) {
        throw new ConfigException(Refusal.mistake(Options.of(provider.options()), node, e));
      }
    }
  }
}
