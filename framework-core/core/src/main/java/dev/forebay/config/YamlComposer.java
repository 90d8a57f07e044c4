package dev.forebay.config;

import dev.forebay.config.Node.Entry;
import dev.forebay.config.Node.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;

/**
 * Makes one document's tree from the parser's events.
 *
 * <p>Events and not the library's own composed nodes: those are built by a recursion without a
 * bound, and so overflow the stack on a deep document before anyone can look at it. Aliases share
 * the node they name; a node's size counts them as written out, so that a bomb is refused without
 * being expanded.
 */
final class YamlComposer {

  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final String STANDARD = "tag:yaml.org,2002:";
  private static final Set<String> HARMLESS_TAGS =
      Set.of("!", STANDARD + "str", STANDARD + "seq", STANDARD + "map");

  private static final Set<String> STANDARD_TYPES =
      Set.of(
          STANDARD + "binary",
          STANDARD + "bool",
          STANDARD + "float",
          STANDARD + "int",
          STANDARD + "null",
          STANDARD + "omap",
          STANDARD + "set",
          STANDARD + "timestamp");

  private final String file;
  private final Substitution substitution;
  private final Mistakes mistakes;
  private final Map<Anchor, Node> anchors = new HashMap<>();
  private Iterator<Event> events = List.<Event>of().iterator();
  private String source = "";
  private long values;

  YamlComposer(String file, Function<String, @Nullable String> environment, Mistakes mistakes) {
    this.file = file;
    this.substitution = new Substitution(environment);
    this.mistakes = mistakes;
  }

  Node compose(String text) {
    if (text.length() > Node.MAX_BYTES) {
      throw fatal(new Spot(file, 0, 0, Trail.ROOT), "too large", "at most 1 MiB");
    }
    source = text.startsWith("\uFEFF") ? text.substring(1) : text;
    LoadSettings settings =
        LoadSettings.builder().setLabel(file).setCodePointLimit(Node.MAX_BYTES + 1).build();
    events = new Parse(settings).parseString(source).iterator();
    next(); // the stream's start
    if (next().getEventId() == Event.ID.StreamEnd) {
      return Node.nothing(new Spot(file, 1, 1, Trail.ROOT));
    }
    Node root = value(next(), Trail.ROOT, 1);
    next(); // the document's end
    Event last = next();
    if (last.getEventId() != Event.ID.StreamEnd) {
      throw fatal(spot(last, Trail.ROOT), "a second document", "one document in a file");
    }
    return root;
  }

  private Node value(Event event, Trail trail, int depth) {
    Spot spot = spot(event, trail);
    spend(spot, 1, depth);
    Node node =
        switch (event) {
          case AliasEvent alias -> alias(alias, spot, depth);
          case ScalarEvent scalar -> scalar(scalar, spot);
          case SequenceStartEvent start -> sequence(start, spot, depth);
          case MappingStartEvent start -> mapping(start, spot, depth);
          default -> throw fatal(spot, "unreadable", "a YAML value");
        };
    if (event instanceof NodeEvent named && !(event instanceof AliasEvent)) {
      named.getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
    }
    return node;
  }

  private Node alias(AliasEvent event, Spot spot, int depth) {
    Node target = anchors.get(event.getAlias());
    if (target == null) {
      // Not its name: a password that begins with * is one.
      throw fatal(spot, "*…", "an alias of a value that ends before it, or a value in quotes");
    }
    spend(spot, target.size() - 1, depth + target.height() - 1);
    return target;
  }

  private Node sequence(SequenceStartEvent start, Spot spot, int depth) {
    checkTag(start.getTag(), spot);
    List<Node> items = new ArrayList<>();
    Event event = next();
    while (event.getEventId() != Event.ID.SequenceEnd) {
      items.add(value(event, spot.trail().item(items.size()), depth + 1));
      event = next();
    }
    return Node.sequence(spot, items);
  }

  private Node mapping(MappingStartEvent start, Spot spot, int depth) {
    checkTag(start.getTag(), spot);
    Map<String, Entry> entries = new LinkedHashMap<>();
    Event event = next();
    while (event.getEventId() != Event.ID.MappingEnd) {
      entry(event, spot, depth, entries);
      event = next();
    }
    return Node.mapping(spot, entries);
  }

  private void entry(Event key, Spot mapping, int depth, Map<String, Entry> entries) {
    if (!(key instanceof ScalarEvent scalar)) {
      Node found = value(key, mapping.trail().key("?"), depth + 1);
      mistakes.add(spot(key, mapping.trail()).place(), found.shown(), "a key that is plain text");
      value(next(), mapping.trail().key("?"), depth + 1);
      return;
    }
    String name = scalar.getValue();
    Spot at = spot(key, mapping.trail().key(name));
    checkTag(scalar.getTag(), at);
    Node value = value(next(), at.trail(), depth + 1);
    if (scalar.isPlain() && name.equals("<<")) {
      mistakes.add(at.place(), "a merge key", "keys written out: merge keys are not supported");
      return;
    }
    Entry earlier = entries.putIfAbsent(name, new Entry(at, value));
    if (earlier != null) {
      String expected = "each key once; it is also on line " + earlier.key().line();
      mistakes.add(at.place(), "a duplicate key", expected);
    }
  }

  private Node scalar(ScalarEvent event, Spot spot) {
    checkTag(event.getTag(), spot);
    String written = event.getValue();
    try {
      String text = substitution.replace(written);
      boolean isNull = event.isPlain() && event.getTag().isEmpty() && NULLS.contains(text);
      return isNull ? Node.nothing(spot) : Node.scalar(spot, text, written);
    } catch (Substitution.Refused refused) {
      mistakes.add(spot.place(), refused.found, refused.expected);
      return Node.broken(spot);
    }
  }

  private void checkTag(Optional<String> tag, Spot spot) {
    tag.filter(t -> !HARMLESS_TAGS.contains(t))
        .ifPresent(t -> mistakes.add(spot.place(), shown(t), "no tag, or a value in quotes"));
  }

  /** Not the name of a tag that nobody knows: a password that begins with ! is one. */
  private static String shown(String tag) {
    return STANDARD_TYPES.contains(tag) ? tag.replace(STANDARD, "!!") : "!…";
  }

  private void spend(Spot spot, int size, int depth) {
    if (depth > Node.MAX_DEPTH) {
      String expected = "at most " + Node.MAX_DEPTH + " levels";
      throw fatal(spot, "nested too deeply", expected);
    }
    values += size;
    if (values > Node.MAX_VALUES) {
      String expected = "at most " + Node.MAX_VALUES + " values, with aliases written out";
      throw fatal(spot, "too many values", expected);
    }
  }

  /**
   * The parser throws more than it says on hostile input; none of that is the caller's business.
   */
  private Event next() {
    try {
      return events.next();
    } catch (MarkedYamlEngineException e) {
      throw fatal(spot(e.getProblemMark(), Trail.ROOT), "not YAML", problem(e.getProblem()));
    } catch (ReaderException e) {
      String found = String.format("U+%04X", e.getCodePoint());
      throw fatal(spotOf(e.getPosition()), found, "printable characters");
    } catch (RuntimeException e) {
      throw fatal(new Spot(file, 0, 0, Trail.ROOT), "not YAML", "a YAML document");
    }
  }

  private static String problem(@Nullable String problem) {
    boolean names = problem != null && problem.contains("tag"); // and it may be a password
    return names ? "YAML without tags" : "YAML; the parser says: " + problem;
  }

  private Spot spotOf(int position) {
    int end = Math.min(position, source.length());
    int line = 1 + (int) source.substring(0, end).chars().filter(c -> c == '\n').count();
    return new Spot(file, line, 1, Trail.ROOT);
  }

  private Spot spot(Event event, Trail trail) {
    return spot(event.getStartMark(), trail);
  }

  private Spot spot(Optional<Mark> mark, Trail trail) {
    return new Spot(
        file,
        mark.map(m -> m.getLine() + 1).orElse(0),
        mark.map(m -> m.getColumn() + 1).orElse(0),
        trail);
  }

  private ConfigException fatal(Spot spot, String found, String expected) {
    mistakes.add(spot.place(), found, expected);
    return mistakes.exception();
  }
}
