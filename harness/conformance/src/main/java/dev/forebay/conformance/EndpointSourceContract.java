package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rules for discovery: D1 and following of {@code docs/spec.md}. */
public interface EndpointSourceContract extends PluginContract<EndpointSource> {

  /** The most questions that a source may ask in a second while it fails. */
  int MOST_QUESTIONS = 20;

  /** The longest message of a failure, in characters. */
  int LONGEST_MESSAGE = 500;

  /** Where the source is tested; by default in virtual time. */
  default Stage stage() {
    return Stage.virtual();
  }

  /** What the plugin under test watches, made anew for each rule before {@link #plugin()}. */
  Outside outside();

  /** What is outside: a file, a name server, a registry. */
  interface Outside {

    /**
     * Makes it so that it has so many instances; a smaller number is a part of a greater one.
     *
     * @return what the source is to tell
     */
    List<Instance> has(int instances);

    /** Breaks it, or mends it. */
    void broken(boolean now);

    /** Questions that it was asked so far. */
    long asked();

    /** Questions and connections that are open at it now. */
    long open();

    /** Whether it can change and break at all; a list in the options can not. */
    default boolean changes() {
      return true;
    }

    /** A text that no message may hold, such as a token; empty where there is none. */
    default String secret() {
      return "";
    }
  }

  private Outside changing() {
    Outside outside = outside();
    if (!outside.changes()) {
      Rule.skip("it is fixed: there is nothing outside that changes");
    }
    return outside;
  }

  /** D1: the whole list comes by itself. */
  @Test
  default void d1_theWholeListComesByItself() {
    Rule.check(
        this,
        "D1",
        () -> {
          Outside outside = outside();
          List<Instance> expected = outside.has(3);
          try (Watching watching = new Watching(stage(), plugin())) {
            watching.await(expected);
          }
        });
  }

  /** D2: a change comes as a whole list, grown or shrunk. */
  @Test
  default void d2_aChangeComesAsAWholeList() {
    Rule.check(
        this,
        "D2",
        () -> {
          Outside outside = changing();
          List<Instance> first = outside.has(2);
          try (Watching watching = new Watching(stage(), plugin())) {
            watching.await(first);
            watching.await(outside.has(4));
            watching.await(outside.has(1));
          }
        });
  }

  /** D3: what stays is the same instance before and after a change, and ids are unique. */
  @Test
  default void d3_whatStaysIsTheSameInstance() {
    Rule.check(
        this,
        "D3",
        () -> {
          Outside outside = changing();
          List<Instance> first = outside.has(3);
          try (Watching watching = new Watching(stage(), plugin())) {
            List<Instance> before = watching.await(first);
            List<Instance> after = watching.await(outside.has(4));
            require(after.containsAll(before), "%s became %s", before, after);
            Set<String> ids = new HashSet<>();
            after.forEach(instance -> ids.add(instance.id()));
            require(ids.size() == after.size(), "ids: %s (expected: unique)", after);
          }
        });
  }

  /** D4: a failure is told in one line, without secrets, and is no list. */
  @Test
  default void d4_aFailureIsToldInOneLineAndIsNoList() {
    Rule.check(
        this,
        "D4",
        () -> {
          Outside outside = changing();
          List<Instance> first = outside.has(2);
          try (Watching watching = new Watching(stage(), plugin())) {
            watching.await(first);
            outside.broken(true);
            String why = watching.awaitFailure();
            boolean line = why.lines().count() == 1 && why.length() <= LONGEST_MESSAGE;
            require(line, "message: %s (expected: one line)", why);
            require(
                outside.secret().isEmpty() || !why.contains(outside.secret()),
                "the message holds a secret: %s",
                why);
            for (List<Instance> told : watching.lists()) {
              require(told.equals(watching.sorted(first)), "told %s while it was broken", told);
            }
          }
        });
  }

  /** D5: it becomes well again by itself. */
  @Test
  default void d5_itBecomesWellAgainByItself() {
    Rule.check(
        this,
        "D5",
        () -> {
          Outside outside = changing();
          outside.has(2);
          outside.broken(true);
          try (Watching watching = new Watching(stage(), plugin())) {
            watching.awaitFailure();
            outside.broken(false);
            watching.await(outside.has(3));
          }
        });
  }

  /** D6: while it fails it asks with pauses. */
  @Test
  default void d6_whileItFailsItAsksWithPauses() {
    Rule.check(
        this,
        "D6",
        () -> {
          Outside outside = changing();
          outside.has(2);
          outside.broken(true);
          Stage stage = stage();
          try (Watching watching = new Watching(stage, plugin())) {
            watching.awaitFailure();
            long before = outside.asked();
            Probing.pause(stage, 1_000_000_000);
            long asked = outside.asked() - before;
            require(
                asked <= MOST_QUESTIONS,
                "%d questions in a second (expected: at most %d)",
                asked,
                MOST_QUESTIONS);
          }
        });
  }

  /** D7: after it is closed it tells nothing, asks nothing and holds nothing open. */
  @Test
  default void d7_afterItIsClosedItIsStill() {
    Rule.check(
        this,
        "D7",
        () -> {
          Outside outside = outside();
          List<Instance> first = outside.has(2);
          Stage stage = stage();
          Watching watching = new Watching(stage, plugin());
          watching.await(first);
          watching.close();
          watching.close();
          int told = watching.told();
          Probing.pause(stage, 100_000_000); // what it asked before may arrive only now
          for (int i = 0; i < 200 && outside.open() > 0; i++) {
            Probing.pause(stage, 20_000_000);
          }
          require(outside.open() == 0, "%d are open still (expected: 0)", outside.open());
          long asked = outside.asked();
          if (outside.changes()) {
            outside.has(3);
          }
          Probing.pause(stage, 100_000_000);
          require(watching.told() == told, "it told something after it was closed");
          require(outside.asked() == asked, "it asked something after it was closed");
          stage.quiet();
          require(stage.pending() == 0, "%d actions are scheduled", stage.pending());
        });
  }

  /** D8: it can be closed before it knows anything, and before it watches. */
  @Test
  default void d8_itCanBeClosedBeforeItKnowsAnything() {
    Rule.check(
        this,
        "D8",
        () -> {
          Outside outside = outside();
          outside.has(2);
          Stage stage = stage();
          new Watching(stage, plugin()).close();
          EndpointSource idle = plugin().create(stage.context());
          require(stage.await("close", idle::close).succeeded(), "close failed");
          for (int i = 0; i < 200 && outside.open() > 0; i++) {
            Probing.pause(stage, 20_000_000);
          }
          require(outside.open() == 0, "%d are open still (expected: 0)", outside.open());
          stage.quiet();
          require(stage.pending() == 0, "%d actions are scheduled", stage.pending());
        });
  }
}
