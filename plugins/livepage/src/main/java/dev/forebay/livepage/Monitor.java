package dev.forebay.livepage;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.StateReader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Samples the state of a gateway once a second on its timeline, and answers what the page asks.
 * What is answered is written once for each sample, however many pages are open.
 */
final class Monitor implements Section {

  /** Time between two samples, in nanoseconds. */
  static final long INTERVAL_NANOS = 1_000_000_000L;

  /** Samples that rates and percentiles of "now" are made of. */
  static final int NOW_SAMPLES = 10;

  /** Samples of a minute. */
  static final int MINUTE_SAMPLES = 60;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final LivePage options;
  private final StateReader reader;
  private final Timeline timeline;
  private final Counter unreadable;
  private final History history = new History();
  private final Changes changes = new Changes();
  private final Deque<Totals> lastMinute = new ArrayDeque<>();
  private Registration next = Registration.NONE;
  private long startedNanos;
  private long startedMillis;
  private @Nullable Sample sample;
  private @Nullable String written;

  Monitor(LivePage options, StateReader reader, PluginContext context) {
    this.options = options;
    this.reader = reader;
    this.timeline = context.timeline();
    this.unreadable = context.counter("unreadable_states");
  }

  /**
   * What is known at one moment.
   *
   * @param before what was known a sample earlier
   * @param recent ten samples earlier, or as many as there are
   * @param minute sixty samples earlier, or as many as there are
   */
  record Sample(GatewayState state, Totals now, Totals before, Totals recent, Totals minute) {}

  @Override
  public void prepare() {
    startedNanos = timeline.nanos();
    startedMillis = timeline.epochMillis();
    take();
  }

  @Override
  public Future<Void> close() {
    next.cancel();
    return Future.succeededFuture();
  }

  /** Takes a sample, and sets the timer of the next: each a whole number of seconds after start. */
  private void take() {
    next = timeline.after(untilNext(), this::take); // also if this state cannot be read
    try {
      take(reader.state());
    } catch (RuntimeException | LinkageError e) {
      unreadable.increment();
    }
  }

  private void take(GatewayState state) {
    Totals now = Totals.of(state, timeline.nanos());
    Totals before = lastMinute.isEmpty() ? now : lastMinute.getLast();
    lastMinute.addLast(now);
    if (lastMinute.size() > MINUTE_SAMPLES + 1) {
      lastMinute.removeFirst();
    }
    Sample taken = new Sample(state, now, before, ago(NOW_SAMPLES), lastMinute.getFirst());
    sample = taken;
    written = null;
    long at = timeline.epochMillis();
    history.add(at, taken);
    changes.see(at, taken);
  }

  private long untilNext() {
    return INTERVAL_NANOS - (timeline.nanos() - startedNanos) % INTERVAL_NANOS;
  }

  private Totals ago(int samples) {
    int skip = Math.max(0, lastMinute.size() - 1 - samples);
    return lastMinute.stream().skip(skip).findFirst().orElseThrow();
  }

  /**
   * What the page asks for, as JSON.
   *
   * @param since the number of the last sample that the page has; -1 if it has none
   */
  Buffer data(long since) {
    Sample shown = sample;
    if (shown == null) {
      throw new IllegalStateException("no sample (expected: a gateway that has started)");
    }
    String state = written;
    if (state == null) {
      state = StateText.of(options, shown, changes, startedMillis).encode();
      written = state;
    }
    String head =
        new JsonObject()
            .put("at", timeline.epochMillis())
            .put("nextMillis", untilNext() / NANOS_PER_MILLI)
            .put("last", history.last())
            .put("figures", Figure.names())
            .encode();
    return Buffer.buffer(head.substring(0, head.length() - 1))
        .appendString(",\"rows\":[")
        .appendString(history.since(since))
        .appendString("],\"state\":")
        .appendString(state)
        .appendString("}\n");
  }
}
