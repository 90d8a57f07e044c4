package dev.forebay.redis.limits;

import dev.forebay.redis.BoundedScripts;
import dev.forebay.redis.RedisScript;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The store as one gateway sees it: its questions, and what is to be told by and by. */
final class LeaseStore {

  private static final int MOST_SERVERS = 1_000;
  private static final int ROUNDS = 4;

  private final BoundedScripts scripts;
  private final RedisScripts wire;
  private final Timeline timeline;
  private final String self;
  private final String prefix;
  private final long lifeNanos;
  private final long pauseNanos;
  private final Counter questions;
  private final Counter localDecisions;
  private final Counter undecided;
  private final Map<String, Long> contacts = new LinkedHashMap<>();
  private final Set<Leased<?>> attended = new LinkedHashSet<>();
  private Registration round = Registration.NONE;
  private boolean scheduled;
  private boolean closed;
  private long number;

  LeaseStore(Shared options, RedisScripts.Connector connector, PluginContext context) {
    this.wire = connector.connect(options.redis().redis(), context);
    this.scripts = new BoundedScripts(options.redis().redis(), wire, context);
    this.timeline = context.timeline();
    this.self = HexFormat.of().toHexDigits(context.random().nextLong());
    this.prefix = options.redis().prefix() + ":limit:2";
    this.lifeNanos = options.lease().toNanos();
    this.pauseNanos = options.redis().pause().toNanos();
    this.questions = context.counter("questions");
    this.localDecisions = context.counter("local_decisions");
    this.undecided = context.counter("undecided");
  }

  /** What no other gateway is called. */
  String self() {
    return self;
  }

  String prefix() {
    return prefix;
  }

  long nanos() {
    return timeline.nanos();
  }

  /** How long credit may be used at most. */
  long lifeNanos() {
    return lifeNanos;
  }

  /** How long a key is counted here after a question that failed. */
  long pauseNanos() {
    return pauseNanos;
  }

  boolean available(String key) {
    return !closed && scripts.available(key);
  }

  /** The number of the last question of this gateway, about any key. */
  long number() {
    return number;
  }

  /** The number of the next question: the store ignores one that comes after a newer one. */
  long nextNumber() {
    return ++number;
  }

  Future<List<Long>> run(
      RedisScript script, String key, List<String> arguments, Consumer<List<Long>> late) {
    questions.increment();
    return scripts.run(script, key, arguments, Grant.NUMBERS, late);
  }

  /** The server's time when it first answered; 0 if it has not. */
  long contactMicros(String key) {
    return contacts.getOrDefault(wire.server(key), 0L);
  }

  /** The server of a key has answered. */
  void heard(String key, long micros) {
    if (contacts.size() >= MOST_SERVERS) {
      contacts.clear();
    }
    contacts.putIfAbsent(wire.server(key), micros);
  }

  /** A decision that was made without the store. */
  void countLocal() {
    localDecisions.increment();
  }

  /** An answer that says that the store has lost what it knew. */
  void countUndecided() {
    undecided.increment();
  }

  /** Looks after a meter that has credit, or something to tell, until it has neither. */
  void attend(Leased<?> meter) {
    attended.add(meter);
    if (!scheduled && !closed) {
      scheduled = true;
      round = timeline.after(lifeNanos / ROUNDS, this::attendAll);
    }
  }

  private void attendAll() {
    scheduled = false;
    List<Leased<?>> all = new ArrayList<>(attended);
    attended.clear();
    for (Leased<?> meter : all) {
      if (meter.attend(false)) {
        attend(meter);
      }
    }
  }

  /** Gives all credit back, and lets go of the connections. */
  Future<Void> close() {
    round.cancel();
    scheduled = true; // no further round
    giveAllBack();
    return scripts
        .settled()
        .compose(
            done -> {
              giveAllBack(); // with what came meanwhile
              closed = true;
              return scripts.settled();
            })
        .transform(done -> scripts.close());
  }

  private void giveAllBack() {
    List<Leased<?>> all = new ArrayList<>(attended);
    attended.clear();
    for (Leased<?> meter : all) {
      if (meter.attend(true)) {
        attended.add(meter);
      }
    }
  }
}
