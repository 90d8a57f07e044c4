package dev.forebay.config;

import dev.forebay.spi.options.Names;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects everything that is wrong, so that it is reported at once. The first {@value #LIMIT} are
 * kept, the rest is counted. Not for several threads.
 */
public final class Mistakes {

  static final int LIMIT = 1000;

  private final Set<Mistake> all = new LinkedHashSet<>();
  private final IdentityHashMap<Record, Origin> origins = new IdentityHashMap<>();

  /** Places of keys that unknown ones were probably meant to be. */
  private final Set<Place> meant = new HashSet<>();

  private int count;
  private int dropped;

  /** What a record was made of, and the options that are not as they were written. */
  private record Origin(Node node, Set<String> gaps) {}

  /**
   * Adds one about a value.
   *
   * @param expected what would have been right, such as {@code a number > 0}
   */
  public void add(Node found, String expected) {
    if (found.isBroken()) {
      count++; // it is there already
    } else {
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
        String nearest = Names.nearest(key, known);
        if (nearest != null) {
          meant.add(mapping.place().child(nearest));
        }
      }
    }
  }

  /** Adds one about a key that is missing, unless an unknown one is probably it. */
  void missing(Place place, String expected) {
    if (meant.contains(place)) {
      count++; // it is there already
    } else {
      add(place, "missing", expected);
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

  /**
   * Notes what a record was made of, so that mistakes about it have a place.
   *
   * @param gaps its options that are not as they were written
   */
  void origin(Record record, Node node, Set<String> gaps) {
    origins.put(record, new Origin(node, gaps));
  }

  /**
   * Takes what a record has against its options.
   *
   * @param otherwise the place of a record of which it is not known what it was made of
   */
  Checked.Faults faults(Node otherwise) {
    return new Checked.Faults() {
      @Override
      public void add(Record holder, String option, String message) {
        Origin origin = origins.get(holder);
        Node node = origin == null ? otherwise : origin.node;
        Mistakes.this.add(Mistake.refused(node.placeOf(option), message));
      }

      @Override
      public boolean whole(Record holder, String option) {
        Origin origin = origins.get(holder);
        return origin == null || !origin.gaps.contains(option);
      }
    };
  }

  /**
   * Makes something of a configuration.
   *
   * @return null if it cannot be made: the reason is added, so that the others are made, too
   */
  public <T> @Nullable T made(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (ConfigException e) {
      e.mistakes().forEach(this::add);
      return null;
    }
  }

  /** Whether nothing is wrong so far. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** How many times something was found to be wrong, also what was there before. */
  int count() {
    return count;
  }

  /** What is wrong, each file in the order of its lines; the same thing once. */
  public List<Mistake> all() {
    List<String> files = all.stream().map(mistake -> mistake.place().file()).distinct().toList();
    return all.stream()
        .sorted(
            Comparator.comparingInt((Mistake mistake) -> files.indexOf(mistake.place().file()))
                .thenComparingInt(mistake -> mistake.place().line()))
        .toList();
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
