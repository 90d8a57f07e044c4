package dev.forebay.config;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Unlinked;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The plugins that there are: records by kind and name. Immutable. */
public final class Registry {

  private record Key(Class<?> kind, String name) {}

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final String PLUGIN = "plugin";

  private final Map<Key, Class<? extends Record>> known;

  private Registry(Map<Key, Class<? extends Record>> known) {
    this.known = known;
  }

  /**
   * The plugins that a class loader sees.
   *
   * @throws ConfigException naming each plugin that cannot be used, and why
   */
  public static Registry load(ClassLoader loader) {
    Mistakes mistakes = new Mistakes();
    Registry registry = load(loader, Map.of(), mistakes);
    mistakes.throwIfAny();
    return registry;
  }

  /**
   * The plugins that a class loader sees, without those that cannot be used.
   *
   * @param taken names that no plugin of a kind can have, since they are keys of the document
   * @param mistakes takes each plugin that cannot be used, with its jar and why
   */
  public static Registry load(
      ClassLoader loader, Map<Class<?>, Set<String>> taken, Mistakes mistakes) {
    Map<Key, Class<? extends Record>> all =
        of(Plugins.of(loader, problem -> PluginPlaces.report(problem, mistakes)), mistakes).known;
    all.entrySet().removeIf(entry -> isTaken(entry.getKey(), entry.getValue(), taken, mistakes));
    return new Registry(all).withoutWrongDefaults(mistakes);
  }

  /**
   * Those of which each plugin that is a default is there, and has defaults that come to an end.
   */
  private Registry withoutWrongDefaults(Mistakes mistakes) {
    Map<Key, Class<? extends Record>> right = new LinkedHashMap<>(known);
    right.values().removeIf(plugin -> new PluginDefaults(this, mistakes).areWrong(plugin));
    return right.size() == known.size() ? this : new Registry(right).withoutWrongDefaults(mistakes);
  }

  /** The plugin of a kind and a name; null if there is none. */
  @Nullable Class<? extends Record> find(Class<?> kind, String name) {
    return known.get(new Key(kind, name));
  }

  private static boolean isTaken(
      Key key,
      Class<? extends Record> plugin,
      Map<Class<?>, Set<String>> taken,
      Mistakes mistakes) {
    boolean isTaken = taken.getOrDefault(key.kind, Set.of()).contains(key.name);
    if (isTaken) {
      String found = "a " + Names.nameOf(key.kind) + " " + key.name;
      String expected = "another name; " + key.name + " is a key of the document";
      mistakes.add(PluginPlaces.of(plugin), found, expected);
    }
    return isTaken;
  }

  /**
   * Some plugins.
   *
   * @param plugins records that are plugins
   * @throws ConfigException if two have the same kind and name, or one cannot be used
   */
  public static Registry of(Collection<Class<? extends Record>> plugins) {
    Mistakes mistakes = new Mistakes();
    Registry registry = of(plugins, mistakes);
    mistakes.throwIfAny();
    return registry;
  }

  private static Registry of(Collection<Class<? extends Record>> plugins, Mistakes mistakes) {
    Map<Key, Class<? extends Record>> all = new LinkedHashMap<>();
    for (Class<? extends Record> plugin : plugins) {
      add(plugin, all, mistakes);
    }
    return new Registry(all);
  }

  /**
   * These and one more.
   *
   * @param plugin a record that is a plugin
   * @throws ConfigException if one of its kind and name is here, or it cannot be used
   */
  public Registry with(Class<? extends Record> plugin) {
    Mistakes mistakes = new Mistakes();
    Map<Key, Class<? extends Record>> all = new LinkedHashMap<>(known);
    add(plugin, all, mistakes);
    mistakes.throwIfAny();
    return new Registry(all);
  }

  /** The names of one kind, sorted. */
  public List<String> names(Class<?> kind) {
    return List.copyOf(plugins(kind).keySet());
  }

  /** The plugins of one kind by name, sorted. */
  SortedMap<String, Class<? extends Record>> plugins(Class<?> kind) {
    SortedMap<String, Class<? extends Record>> plugins = new TreeMap<>();
    known.forEach(
        (key, plugin) -> {
          if (key.kind == kind) {
            plugins.put(key.name, plugin);
          }
        });
    return plugins;
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
    return plugin == null ? mistaken(kind, "mistaken", null, mistakes) : plugin;
  }

  /** A plugin that cannot be created, with what could be read of its options. */
  private static <T> Plugin<T> mistaken(
      Class<T> kind, String name, @Nullable Record options, Mistakes mistakes) {
    return new NamedPlugin<>(
        kind,
        name,
        options,
        context -> {
          throw mistakes.exception();
        },
        false);
  }

  /**
   * Reads a plugin whose name stands before its options, as in {@code - cache: { store: lru }}.
   *
   * @param name of the plugin
   * @param expected what may stand in its place, for a message
   * @param options a mapping, or nothing
   * @return null if there is none of this name; one that cannot be created if something is wrong
   */
  <T> @Nullable Plugin<T> named(
      Class<T> kind, String name, String expected, Node options, Mistakes mistakes) {
    Class<? extends Record> found = known.get(new Key(kind, name));
    if (found == null) {
      mistakes.add(options.place(), name, expected + otherKinds(name));
      return null;
    }
    return configured(kind, name, found, options, Set.of(), mistakes);
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

  /**
   * The options of a plugin.
   *
   * @param node its name, or a mapping of {@code plugin: NAME} and its options
   * @return null if it names none of this kind
   */
  public @Nullable Options options(Class<?> kind, Node node) {
    Node name = node.kind() == Node.Kind.MAPPING ? node.get(PLUGIN) : node;
    Class<? extends Record> found = name == null ? null : known.get(new Key(kind, name.text()));
    return found == null ? null : Options.of(found);
  }

  /** All of them, sorted by kind and name. */
  public List<PluginDescription> descriptions() {
    return known.entrySet().stream()
        .map(e -> PluginDescription.of(e.getKey().kind, e.getKey().name, e.getValue()))
        .sorted(
            Comparator.comparing(PluginDescription::kind).thenComparing(PluginDescription::name))
        .toList();
  }

  private <T> @Nullable Plugin<T> read(
      Class<T> kind, Node node, Set<String> foreign, Mistakes mistakes) {
    Node name = node.kind() == Node.Kind.MAPPING ? node.get(PLUGIN) : node;
    if (name == null) {
      mistakes.missing(node.place().child(PLUGIN), Names.oneOf(names(kind), ""));
      return null;
    }
    Class<? extends Record> found = known.get(new Key(kind, name.text()));
    if (name.kind() != Node.Kind.SCALAR || found == null) {
      mistakes.add(name, expected(kind, name.text()) + otherKinds(name.text()));
      return null;
    }
    Node mapping = node.kind() == Node.Kind.MAPPING ? node : node.emptied();
    Set<String> others = new LinkedHashSet<>(List.of(PLUGIN));
    others.addAll(foreign);
    return configured(kind, name.text(), found, mapping, others, mistakes);
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

  private <T> Plugin<T> configured(
      Class<T> kind,
      String name,
      Class<? extends Record> found,
      Node node,
      Set<String> foreign,
      Mistakes mistakes) {
    int before = mistakes.count();
    Record read = new Reading(this, mistakes).record(found, node, foreign);
    if (read == null || mistakes.count() > before) {
      return mistaken(kind, name, read, mistakes);
    }
    @SuppressWarnings("unchecked") // its kind is the key it is found by
    Plugin<T> plugin = (Plugin<T>) read;
    return placed(plugin, kind, found, node);
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

  private static void add(
      Class<? extends Record> plugin, Map<Key, Class<? extends Record>> all, Mistakes mistakes) {
    Place place = PluginPlaces.of(plugin);
    try {
      Class<?> kind = Plugins.kind(plugin);
      if (kind == null) {
        mistakes.add(place, "is no Plugin<KIND>", "a record that implements Plugin<KIND>");
      } else {
        add(new Key(kind, Names.nameOf(plugin)), plugin, place, all, mistakes);
      }
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      mistakes.add(Mistake.refused(place, message.replace(plugin.getName() + ".", "")));
    } catch (LinkageError | TypeNotPresentException e) {
      Unlinked why = Unlinked.of(e);
      mistakes.add(place, why.found(), why.expected());
    } catch (StackOverflowError e) {
      mistakes.add(
          place, "defaults without an end", "defaults that do not lead back to themselves");
    } catch (RuntimeException e) {
      mistakes.add(place, "cannot be used", "a plugin for this version of Forebay: " + e);
    }
  }

  private static void add(
      Key key,
      Class<? extends Record> plugin,
      Place place,
      Map<Key, Class<? extends Record>> all,
      Mistakes mistakes) {
    int before = mistakes.count();
    if (!NAME.matcher(key.name).matches()) {
      mistakes.add(place, key.name, "a name in lower case, words joined by hyphens");
    }
    if (Options.of(plugin).get(PLUGIN) != null) {
      mistakes.add(place, "an option named plugin", "another name: it stands for the plugin's");
    }
    OptionsReader.checkDefaults(plugin, mistakes);
    Class<? extends Record> other = all.get(key);
    if (other == null && mistakes.count() == before) {
      all.put(key, plugin);
    } else if (other != null) {
      String found = "a second " + Names.nameOf(key.kind) + " " + key.name;
      mistakes.add(place, found, "another name; " + other.getName() + " has this one");
    }
  }
}
