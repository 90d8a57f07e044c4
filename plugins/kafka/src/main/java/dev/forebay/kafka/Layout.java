package dev.forebay.kafka;

import dev.forebay.spi.jobs.JobEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which topics there are, and which one an entry goes to. An entry that is not due goes to the
 * topic of the longest delay that it has left, waits there for that long, and goes on from there.
 * So all entries of such a topic wait equally long, and none waits behind one that is due later.
 */
final class Layout {

  /**
   * An entry that has nearly a delay left waits at its topic: others behind it are so much late.
   */
  private static final int SLACK = 40;

  private final Kafka options;

  Layout(Kafka options) {
    this.options = options;
  }

  /**
   * The place of an entry.
   *
   * @param untilMillis how long it stays there; 0 if it can be delivered at once
   */
  record Place(String topic, long untilMillis) {}

  Place place(JobEntry entry, long now) {
    long left = entry.dueMillis() - now;
    if (left <= 0) {
      return new Place(level(Math.min(entry.priority(), options.levels() - 1)), 0);
    }
    Duration delay = options.delays().get(0);
    for (Duration each : options.delays()) {
      if (left >= each.toMillis() - each.toMillis() / SLACK) {
        delay = each;
      }
    }
    return new Place(topic(delay), Math.min(entry.dueMillis(), now + delay.toMillis()));
  }

  /** The key by which the partition of an entry is chosen. */
  String key(JobEntry entry) {
    return entry.tenant() + "#" + Math.floorMod(entry.id().hashCode(), options.spread());
  }

  /** All topics that workers read. */
  List<String> read() {
    List<String> all = new ArrayList<>();
    for (int level = 0; level < options.levels(); level++) {
      all.add(level(level));
    }
    options.delays().forEach(delay -> all.add(topic(delay)));
    return all;
  }

  private String level(int level) {
    return options.prefix() + ".p" + level;
  }

  private String topic(Duration delay) {
    return options.prefix() + ".delay." + delay.toMillis() + "ms";
  }

  /** The topic of dead letters. */
  String dead() {
    return options.prefix() + ".dead";
  }

  /** The group of the workers. */
  String group() {
    return options.prefix();
  }
}
