package dev.forebay.replay.run;

import dev.forebay.config.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a scenario, and the values that it takes in turn.
 *
 * @param parameter {@code load}, or the path of a value in the scenario's document, such as {@code
 *     synthetic.rate-per-second}; in a list a step is a place from 0, or {@code *} for each
 * @param values as in a document, at least one
 */
public record Sweep(String parameter, List<String> values) {

  /** The parameter that scales the arrivals of any trace to a share of the fleet's capacity. */
  public static final String LOAD = "load";

  private static final String ORIGIN = "--sweep";

  /**
   * Reads {@code PARAMETER=VALUE,VALUE}.
   *
   * @throws IllegalArgumentException if it is not of the form
   */
  public static Sweep parse(String text) {
    int equals = text.indexOf('=');
    List<String> values =
        equals < 0 ? List.of() : Arrays.asList(text.substring(equals + 1).split(",", -1));
    if (equals < 1 || values.isEmpty() || values.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          ORIGIN + ": '" + text + "' (expected: such as 'load=0.25,0.5,1,2,4')");
    }
    if (values.stream().distinct().count() < values.size()) {
      throw new IllegalArgumentException(ORIGIN + ": '" + text + "' (expected: each value once)");
    }
    Sweep sweep = new Sweep(text.substring(0, equals), List.copyOf(values));
    if (sweep.isLoad()) {
      values.forEach(Sweep::load);
    }
    return sweep;
  }

  /**
   * One run of a sweep.
   *
   * @param change of the scenario's document
   * @param load that arrivals are scaled to; null if it is not swept
   */
  public record Place(UnaryOperator<Node> change, @Nullable Double load) {

    private Place and(Place other) {
      return new Place(
          document -> other.change.apply(change.apply(document)), load == null ? other.load : load);
    }
  }

  /**
   * The places of a sweep: all values of the first parameter with the first value of the second,
   * then with its next value.
   *
   * @param second null if there is one parameter
   */
  public static List<Place> places(Sweep first, @Nullable Sweep second) {
    List<Place> places = new ArrayList<>();
    for (String other : second == null ? List.of("") : second.values()) {
      for (String value : first.values()) {
        Place place = first.place(value);
        places.add(second == null ? place : place.and(second.place(other)));
      }
    }
    return places;
  }

  private Place place(String value) {
    return new Place(change(value), isLoad() ? (Double) load(value) : null);
  }

  /** Whether it is the load. */
  public boolean isLoad() {
    return parameter.equals(LOAD);
  }

  /**
   * A value of the load.
   *
   * @return above 0, at most 1000
   * @throws IllegalArgumentException if it is something else
   */
  public static double load(String value) {
    try {
      double load = Double.parseDouble(value);
      if (load > 0 && load <= 1000) {
        return load;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalArgumentException(
        ORIGIN + ": load: '" + value + "' (expected: above 0, to 1000)");
  }

  /** Puts a value into the document of a scenario; of the load, which is none, nothing. */
  public UnaryOperator<Node> change(String value) {
    return isLoad()
        ? document -> document
        : document -> with(document, List.of(parameter.split("\\.")), value);
  }

  private Node with(Node node, List<String> path, String value) {
    if (path.isEmpty()) {
      return Node.of(value, origin(value));
    }
    String step = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (node.kind() == Node.Kind.SEQUENCE) {
      return Node.of(items(node.items(), step, rest, value), origin(value));
    }
    Node child = node.get(step);
    Node changed = with(child == null ? Node.of(Map.of(), origin(value)) : child, rest, value);
    return node.merge(Node.of(Map.of(step, changed), origin(value)));
  }

  /** What messages name as the file of a value. */
  private String origin(String value) {
    return ORIGIN + " " + parameter + "=" + value;
  }

  private List<Node> items(List<Node> items, String step, List<String> rest, String value) {
    boolean each = step.equals("*");
    if (!each && (!step.matches("\\d{1,4}") || Integer.parseInt(step) >= items.size())) {
      throw new IllegalArgumentException(
          ORIGIN
              + ": "
              + parameter
              + ": '"
              + step
              + "' (expected: a place in a list, 0 to "
              + (items.size() - 1)
              + ", or * for each)");
    }
    List<Node> changed = new ArrayList<>(items);
    for (int i = 0; i < items.size(); i++) {
      if (each || i == Integer.parseInt(step)) {
        changed.set(i, with(items.get(i), rest, value));
      }
    }
    return changed;
  }
}
