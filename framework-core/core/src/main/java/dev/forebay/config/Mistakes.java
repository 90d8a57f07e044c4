package dev.forebay.config;

import dev.forebay.spi.options.Names;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects everything that is wrong, so that it is reported at once. The first {@value #LIMIT} are
 * kept, the rest is counted. Not for several threads.
 */
public final class Mistakes {

  static final int LIMIT = 1000;

  private final Set<Mistake> all = new LinkedHashSet<>();
  private final IdentityHashMap<Record, Node> origins = new IdentityHashMap<>();
  private int count;
  private int dropped;

  /**
   * Adds one about a value.
   *
   * @param expected what would have been right, such as {@code a number > 0}
   */
  public void add(Node found, String expected) {
    if (!found.isBroken()) {
      add(found.place(), found.shown(), expected);
    }
  }

  /** Adds one about something that is not a value, such as an unknown or a missing key. */
  public void add(Place place, String value, String expected) {
    add(new Mistake(place, value, expected));
  }

  /** Adds one for each key of a mapping that is none of those known. */
  public void unknownKeys(Node mapping, Collection<String> known) {
    for (String key : mapping.keys()) {
      if (!known.contains(key)) {
        add(mapping.placeOf(key), "unknown key", Names.oneOf(known, key));
      }
    }
  }

  /** Adds one. */
  public void add(Mistake mistake) {
    count++;
    if (all.size() < LIMIT) {
      all.add(mistake);
    } else {
      dropped++;
    }
  }

  /** Notes what a record was made of, so that mistakes about it have a place. */
  void origin(Record record, Node node) {
    origins.put(record, node);
  }

  /** What a record was made of; another node if that is not known. */
  Node originOf(Record record, Node otherwise) {
    return origins.getOrDefault(record, otherwise);
  }

  /** Whether nothing is wrong so far. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** How many times something was added. */
  int count() {
    return count;
  }

  /** What is wrong, in the order of its discovery; the same thing once. */
  public List<Mistake> all() {
    return List.copyOf(all);
  }

  /**
   * Ends the reading of a configuration.
   *
   * @throws ConfigException where something is wrong
   */
  public void throwIfAny() {
    if (!isEmpty()) {
      throw exception();
    }
  }

  ConfigException exception() {
    return new ConfigException(all(), dropped);
  }
}
