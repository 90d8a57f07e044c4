package dev.forebay.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.jobs.JobEntry;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LayoutTest {

  private static final long NOW = 1_000_000;

  private final Kafka options = Kafka.at(Brokers.defaults()).withPrefix("q");
  private final Layout layout = new Layout(options);

  private static JobEntry due(int priority, long inMillis) {
    return new JobEntry("id", "acme", priority, NOW + inMillis);
  }

  @Test
  void whatIsDueGoesToTheTopicOfItsPriority() {
    assertEquals(new Layout.Place("q.p0", 0), layout.place(due(0, 0), NOW));
    assertEquals(new Layout.Place("q.p2", 0), layout.place(due(7, -5), NOW));
  }

  @Test
  void aMinuteIsOneDelay() {
    assertEquals(
        new Layout.Place("q.delay.60000ms", NOW + 60_000), layout.place(due(1, 60_000), NOW));
    assertEquals(
        new Layout.Place("q.delay.60000ms", NOW + 59_000), layout.place(due(1, 59_000), NOW));
  }

  /** Whatever the time: it is reached by few topics, and never passed. */
  @Test
  void everyDueTimeIsReachedByFewTopics() {
    for (long due = 1; due < 40L * 3_600_000; due = due * 3 / 2 + 7) {
      long now = NOW;
      int hops = 0;
      while (now < NOW + due) {
        Layout.Place place = layout.place(due(1, due), now);
        assertTrue(place.untilMillis() > now && place.untilMillis() <= NOW + due, place::toString);
        now = place.untilMillis();
        hops++;
      }
      assertEquals(NOW + due, now);
      assertTrue(hops <= 30, due + " ms: " + hops + " topics");
    }
  }

  @Test
  void theEntriesOfATenantAreSpreadWithinItsBound() {
    Set<String> keys = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      keys.add(layout.key(new JobEntry("id" + i, "acme", 1, 0)));
    }
    assertEquals(List.of("acme#0", "acme#1", "acme#2", "acme#3"), List.copyOf(keys));
  }
}
