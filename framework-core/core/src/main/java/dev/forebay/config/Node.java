package dev.forebay.config;

import dev.forebay.spi.options.Names;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A configuration as an immutable tree, in which every value knows its place.
 *
 * <p>Documents are YAML 1.2 without tags and merge keys. A document has at most {@value #MAX_BYTES}
 * bytes, {@value #MAX_DEPTH} levels and {@value #MAX_VALUES} values with its aliases written out.
 * Scalars are kept as text: what they mean is the reader's business.
 */
public final class Node {

  /** What a node is. */
  public enum Kind {
    /** Keys with values, in the order of the document. */
    MAPPING,
    /** Values in their order. */
    SEQUENCE,
    /** A text, number or truth value. */
    SCALAR,
    /** Nothing: {@code null}, {@code ~}, or an empty value. */
    NULL
  }

  /** A value with the place of its key. */
  record Entry(Spot key, Node value) {}

  /** A place whose path is not written out yet. */
  record Spot(String file, int line, int column, Trail trail) {
    Place place() {
      return new Place(file, line, column, trail.path());
    }
  }

  static final int MAX_BYTES = 1 << 20;
  static final int MAX_DEPTH = 50;
  static final int MAX_VALUES = 100_000;

  private final Kind kind;
  private final Spot spot;
  private final String text;
  private final String shown;
  private final boolean broken;
  private final List<Node> items;
  private final Map<String, Entry> entries;
  private final int size;
  private final int height;

  private Node(
      Kind kind,
      Spot spot,
      String text,
      String shown,
      boolean broken,
      List<Node> items,
      Map<String, Entry> entries) {
    this.kind = kind;
    this.spot = spot;
    this.text = text;
    this.shown = shown;
    this.broken = broken;
    this.items = items;
    this.entries = entries;
    long values = 1;
    int levels = 0;
    for (Node child : children()) {
      values += child.size;
      levels = Math.max(levels, child.height);
    }
    this.size = (int) Math.min(values, Integer.MAX_VALUE);
    this.height = levels + 1;
  }

  /**
   * Reads a document.
   *
   * @param file its name, for messages
   * @param environment what replaces <code>${NAME}</code> and <code>${NAME:default}</code> in
   *     values; null where a variable is not set. <code>$${</code> stands for <code>${</code>
   * @throws ConfigException listing every mistake: syntax, duplicate keys, tags, variables that are
   *     missing
   */
  public static Node parse(
      String file, String text, Function<String, @Nullable String> environment) {
    Mistakes mistakes = new Mistakes();
    Node node = parse(file, text, environment, mistakes);
    mistakes.throwIfAny();
    return node;
  }

  /**
   * Reads a document, so that its mistakes are reported with those of its contents.
   *
   * @throws ConfigException where it cannot be read on, with the mistakes so far
   */
  public static Node parse(
      String file, String text, Function<String, @Nullable String> environment, Mistakes mistakes) {
    return new YamlComposer(file, environment, mistakes).compose(text);
  }

  /**
   * Reads a file, as {@link #parse(String, String, Function)}.
   *
   * @throws ConfigException also where the file cannot be read
   */
  public static Node read(Path file, Function<String, @Nullable String> environment) {
    Mistakes mistakes = new Mistakes();
    Node node = read(file, environment, mistakes);
    mistakes.throwIfAny();
    return node;
  }

  /** Reads a file, as {@link #parse(String, String, Function, Mistakes)}. */
  public static Node read(
      Path file, Function<String, @Nullable String> environment, Mistakes mistakes) {
    return parse(file.toString(), contents(file), environment, mistakes);
  }

  /**
   * A tree from code.
   *
   * @param value maps with keys that are text, lists, scalars (text, numbers, truth values,
   *     durations, enums), null, or nodes
   * @param origin what messages name as its file, such as {@code --set}
   * @throws IllegalArgumentException where it holds something else
   */
  public static Node of(@Nullable Object value, String origin) {
    return of(value, new Spot(origin, 0, 0, Trail.ROOT), 1);
  }

  /** What it is. */
  public Kind kind() {
    return kind;
  }

  /** Where it stands. */
  public Place place() {
    return spot.place();
  }

  /** The text of a scalar; empty where it is something else. */
  public String text() {
    return text;
  }

  /** The elements of a sequence; empty where it is something else. */
  public List<Node> items() {
    return items;
  }

  /** The keys of a mapping, in the document's order; empty where it is something else. */
  public List<String> keys() {
    return List.copyOf(entries.keySet());
  }

  /** The value of a key; null where there is none, or where this is no mapping. */
  public @Nullable Node get(String key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.value;
  }

  /** The place of a key; that of the mapping where there is no such key. */
  public Place placeOf(String key) {
    Entry entry = entries.get(key);
    return entry == null ? place().child(key) : entry.key.place();
  }

  /** This mapping without some keys. */
  public Node without(String... keys) {
    Map<String, Entry> rest = new LinkedHashMap<>(entries);
    rest.keySet().removeAll(List.of(keys));
    return kind == Kind.MAPPING ? mapping(spot, rest) : this;
  }

  /** This mapping with only some keys, of those that it has. */
  public Node only(String... keys) {
    Map<String, Entry> rest = new LinkedHashMap<>(entries);
    rest.keySet().retainAll(List.of(keys));
    return kind == Kind.MAPPING ? mapping(spot, rest) : this;
  }

  /**
   * This tree with a JSON merge patch (RFC 7386): mappings are merged, null takes a key away,
   * everything else replaces. Each value keeps the place it came from.
   */
  public Node merge(Node patch) {
    if (patch.kind != Kind.MAPPING) {
      return patch;
    }
    Map<String, Entry> merged = new LinkedHashMap<>(entries);
    patch.entries.forEach(
        (key, change) -> {
          if (change.value.kind == Kind.NULL) {
            merged.remove(key);
          } else {
            merged.put(key, merged(merged.get(key), change));
          }
        });
    return mapping(kind == Kind.MAPPING || kind == Kind.NULL ? spot : patch.spot, merged);
  }

  private static Entry merged(@Nullable Entry target, Entry change) {
    Node base = target == null ? nothing(change.value.spot) : target.value;
    return new Entry(change.key, base.merge(change.value));
  }

  /** This tree with other texts in its values; messages show them as they were written. */
  public Node map(UnaryOperator<String> change) {
    Map<String, Entry> changed = new LinkedHashMap<>();
    entries.forEach(
        (key, entry) -> changed.put(key, new Entry(entry.key, entry.value.map(change))));
    List<Node> mapped = items.stream().map(item -> item.map(change)).toList();
    String words = kind == Kind.SCALAR ? change.apply(text) : text;
    return new Node(kind, spot, words, shown, broken, mapped, changed);
  }

  /** Its place and kind; never its contents, which may be secret. */
  @Override
  public String toString() {
    return place() + " " + kind.name().toLowerCase(java.util.Locale.ROOT);
  }

  // What readers in this package need.

  static Node mapping(Spot spot, Map<String, Entry> entries) {
    String shown = entries.isEmpty() ? "{}" : "a mapping";
    return new Node(
        Kind.MAPPING, spot, "", shown, false, List.of(), Collections.unmodifiableMap(entries));
  }

  static Node sequence(Spot spot, List<Node> items) {
    String shown = items.isEmpty() ? "[]" : "a list";
    return new Node(Kind.SEQUENCE, spot, "", shown, false, List.copyOf(items), Map.of());
  }

  /** A scalar that messages show as it was written, before variables were replaced. */
  static Node scalar(Spot spot, String text, String written) {
    return new Node(
        Kind.SCALAR, spot, text, written.isEmpty() ? "\"\"" : written, false, List.of(), Map.of());
  }

  static Node nothing(Spot spot) {
    return new Node(Kind.NULL, spot, "", "null", false, List.of(), Map.of());
  }

  /** A value whose mistake is already reported. */
  static Node broken(Spot spot) {
    return new Node(Kind.SCALAR, spot, "", "", true, List.of(), Map.of());
  }

  /** The same tree, whose values no message shows. */
  public Node hidden() {
    Map<String, Entry> hiddenEntries = new LinkedHashMap<>();
    entries.forEach((k, e) -> hiddenEntries.put(k, new Entry(e.key, e.value.hidden())));
    List<Node> hiddenItems = items.stream().map(Node::hidden).toList();
    return new Node(kind, spot, text, "***", broken, hiddenItems, hiddenEntries);
  }

  /** A mapping without keys in its place. */
  public Node emptied() {
    return mapping(spot, Map.of());
  }

  String shown() {
    return shown;
  }

  boolean isBroken() {
    return broken;
  }

  /** How many values it holds, itself and what aliases repeat included. */
  int size() {
    return size;
  }

  /** How many levels it has. */
  int height() {
    return height;
  }

  /** What a list or a mapping holds, in order; nothing for others. */
  public Iterable<Node> children() {
    return kind == Kind.MAPPING ? entries.values().stream().map(Entry::value).toList() : items;
  }

  private static Node of(@Nullable Object value, Spot spot, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          spot.file + ": nested too deeply (expected: at most " + MAX_DEPTH + " levels)");
    }
    return switch (value) {
      case null -> nothing(spot);
      case Node node -> node;
      case Map<?, ?> map -> ofMap(map, spot, depth);
      case Iterable<?> list -> ofList(list, spot, depth);
      default -> {
        String text = scalarText(value, spot);
        yield scalar(spot, text, text);
      }
    };
  }

  private static Node ofMap(Map<?, ?> map, Spot spot, int depth) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    map.forEach(
        (k, v) -> {
          String key = String.valueOf(k);
          Spot at = new Spot(spot.file, 0, 0, spot.trail.key(key));
          entries.put(key, new Entry(at, of(v, at, depth + 1)));
        });
    return mapping(spot, entries);
  }

  private static Node ofList(Iterable<?> list, Spot spot, int depth) {
    List<Node> items = new ArrayList<>();
    for (Object item : list) {
      Spot at = new Spot(spot.file, 0, 0, spot.trail.item(items.size()));
      items.add(of(item, at, depth + 1));
    }
    return sequence(spot, items);
  }

  private static String scalarText(Object value, Spot spot) {
    return switch (value) {
      case CharSequence s -> s.toString();
      case Number n -> n.toString();
      case Boolean b -> b.toString();
      case Duration d -> d.toString();
      case Path p -> p.toString();
      case Enum<?> e -> Names.kebab(e.name());
      default ->
          throw new IllegalArgumentException(
              "%s: %s: a %s (expected: a map, a list, a scalar or null)"
                  .formatted(spot.file, spot.trail.path(), value.getClass().getName()));
    };
  }

  private static String contents(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unreadable(file, "too large", "at most 1 MiB");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(file, "not UTF-8", "a text file in UTF-8");
    } catch (IOException e) {
      String why = Files.exists(file) ? "unreadable" : "no such file";
      throw unreadable(file, why, "a readable YAML file");
    }
  }

  private static ConfigException unreadable(Path file, String found, String expected) {
    return new ConfigException(new Mistake(new Place(file.toString(), 0, 0, ""), found, expected));
  }
}
