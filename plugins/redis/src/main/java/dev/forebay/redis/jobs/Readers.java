package dev.forebay.redis.jobs;

import dev.forebay.redis.RedisWire;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.JobEvents;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Readers that wait for events of a job. The store publishes the id of a job that has new ones, on
 * one channel; a reader asks when it hears it, and when some may have been lost. Nobody polls.
 */
final class Readers {

  private final RedisWire wire;
  private final Timeline timeline;
  private final String channel;
  private final Map<String, Set<Reader>> waiting = new LinkedHashMap<>();
  private @Nullable Registration subscription;

  Readers(RedisWire wire, Timeline timeline, String channel) {
    this.wire = wire;
    this.timeline = timeline;
    this.channel = channel;
  }

  /**
   * Asks, and again until there is something.
   *
   * @param question what there is now
   */
  Future<@Nullable JobEvents> await(
      String id, Duration wait, Supplier<Future<@Nullable JobEvents>> question) {
    Reader reader = new Reader(question);
    waiting.computeIfAbsent(id, first -> new LinkedHashSet<>()).add(reader);
    listen();
    reader.timer = timeline.after(wait.toNanos(), reader::last);
    reader.ask();
    return reader.answer.future().onComplete(over -> leave(id, reader));
  }

  private void leave(String id, Reader reader) {
    reader.timer.cancel();
    Set<Reader> others = waiting.get(id);
    if (others != null && others.remove(reader) && others.isEmpty()) {
      waiting.remove(id);
    }
  }

  private void listen() {
    if (subscription == null) {
      subscription = wire.subscribe(channel, this::heard, this::resumed);
    }
  }

  private void heard(String id) {
    Set<Reader> those = waiting.get(id);
    if (those != null) {
      List.copyOf(those).forEach(Reader::ask);
    }
  }

  private void resumed() {
    List.copyOf(waiting.keySet()).forEach(this::heard);
  }

  void close() {
    Registration old = subscription;
    if (old != null) {
      old.cancel();
    }
    waiting.values().stream()
        .flatMap(Set::stream)
        .toList()
        .forEach(reader -> reader.answer.tryFail("closed"));
  }

  /** One that waits. */
  private static final class Reader {
    private final Promise<@Nullable JobEvents> answer = Promise.promise();
    private final Supplier<Future<@Nullable JobEvents>> question;
    private Registration timer = Registration.NONE;
    private boolean asking;
    private boolean askAgain;
    private boolean last;

    Reader(Supplier<Future<@Nullable JobEvents>> question) {
      this.question = question;
    }

    void last() {
      last = true;
      ask();
    }

    /** One question at a time; what is heard meanwhile leads to another one. */
    void ask() {
      if (asking) {
        askAgain = true;
        return;
      }
      asking = true;
      askAgain = false;
      question
          .get()
          .onComplete(
              result -> {
                asking = false;
                if (result.failed()) {
                  answer.tryFail(result.cause());
                } else if (last || told(result.result())) {
                  answer.tryComplete(result.result());
                } else if (askAgain) {
                  ask();
                }
              });
    }

    private static boolean told(@Nullable JobEvents events) {
      return events == null || !events.events().isEmpty() || events.job().state().over();
    }
  }
}
