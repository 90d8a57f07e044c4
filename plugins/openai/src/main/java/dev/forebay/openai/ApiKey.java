package dev.forebay.openai;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The key of an account: fixed, or what a file holds. A file is read at the first use, and again by
 * a use that comes {@code refresh} after the last reading, while the key known so far serves on.
 * From any thread.
 *
 * <p>An account that was refused gets no requests, and so no uses: from then on the file is read
 * every {@code refresh} until it holds another key, and then the pool is told. Watching the file
 * all the time was rejected: a timer that renews itself keeps a process busy for nothing, and a
 * watch on a file does not see a mounted secret that is exchanged by a link.
 */
final class ApiKey {

  private static final int MAX_LENGTH = 4096;

  private final @Nullable String fixed;
  private final @Nullable Supplier<Future<Buffer>> file;
  private final long refreshNanos;
  private final Timeline timeline;
  private @Nullable Promise<Optional<String>> reading;
  private @Nullable String known;
  private long readNanos;
  private @Nullable String refused;
  private Registration poll = Registration.NONE;
  private Runnable onRenewed = () -> {};
  private boolean closed;

  private ApiKey(
      @Nullable String fixed,
      @Nullable Supplier<Future<Buffer>> file,
      Duration refresh,
      Timeline timeline) {
    this.fixed = fixed;
    this.file = file;
    this.refreshNanos = refresh.toNanos();
    this.timeline = timeline;
  }

  /** A key that stays; null for none. */
  static ApiKey fixed(@Nullable String key, Timeline timeline) {
    return new ApiKey(key, null, Duration.ZERO, timeline);
  }

  /**
   * A key from a file.
   *
   * @param file reads it, without blocking
   */
  static ApiKey in(Supplier<Future<Buffer>> file, Duration refresh, Timeline timeline) {
    return new ApiKey(null, file, refresh, timeline);
  }

  /** Whether a key can be sent in a header. */
  static boolean sendable(String key) {
    return !key.isEmpty()
        && key.length() <= MAX_LENGTH
        && key.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  /** The key, empty where there is none; fails with ACCOUNT_OUT where its file has none. */
  Future<Optional<String>> current() {
    Supplier<Future<Buffer>> from = file;
    if (from == null) {
      return Future.succeededFuture(Optional.ofNullable(fixed));
    }
    String serving;
    boolean fresh;
    synchronized (this) {
      serving = known;
      fresh = serving != null && timeline.nanos() - readNanos < refreshNanos;
    }
    Future<Optional<String>> read = fresh ? null : read(from);
    return serving != null || read == null
        ? Future.succeededFuture(Optional.ofNullable(serving))
        : read;
  }

  /** Is run, on any thread, when a key that was refused has been exchanged for another. */
  synchronized void onRenewed(Runnable action) {
    onRenewed = action;
  }

  /** Says that the upstream does not take a key. */
  void refused(String key) {
    synchronized (this) {
      if (file == null || closed || key.equals(refused)) {
        return;
      }
      refused = key;
    }
    lookAgain();
  }

  synchronized void close() {
    closed = true;
    poll.cancel();
  }

  private synchronized void lookAgain() {
    Supplier<Future<Buffer>> from = file;
    if (!closed && refused != null && from != null) {
      poll.cancel();
      poll = timeline.after(refreshNanos, () -> read(from).onComplete(read -> lookAgain()));
    }
  }

  private Future<Optional<String>> read(Supplier<Future<Buffer>> from) {
    Promise<Optional<String>> mine = Promise.promise();
    synchronized (this) {
      if (reading != null) {
        return reading.future();
      }
      reading = mine;
    }
    from.get().onComplete((bytes, thrown) -> took(bytes, mine));
    return mine.future();
  }

  private void took(@Nullable Buffer bytes, Promise<Optional<String>> mine) {
    String key = bytes == null ? "" : bytes.toString().strip();
    Runnable tell = null;
    synchronized (this) {
      reading = null;
      readNanos = timeline.nanos();
      if (known == null && !sendable(key)) {
        refused = ""; // so that it is looked for
      } else if (sendable(key)) {
        known = key;
        if (refused != null && !refused.equals(key)) {
          refused = null;
          tell = onRenewed;
        }
      }
    }
    if (sendable(key)) {
      mine.complete(Optional.of(key));
    } else {
      mine.fail(
          Failure.of(
              Status.ACCOUNT_OUT, 503, "no_key", "the file of the upstream's key holds no key"));
      lookAgain();
    }
    if (tell != null) {
      tell.run();
    }
  }
}
