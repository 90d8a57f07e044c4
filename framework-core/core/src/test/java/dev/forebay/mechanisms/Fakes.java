package dev.forebay.mechanisms;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.spi.policy.Ticket;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The least plugin of each kind, with counts that tell what was not given back. */
final class Fakes {

  private Fakes() {}

  static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  static InferenceRequest request(Timeline timeline, String id) {
    return request(timeline, id, null);
  }

  static InferenceRequest request(Timeline timeline, String id, @Nullable PromptKey key) {
    return request(timeline, id, key, CacheMode.DEFAULT);
  }

  static InferenceRequest request(
      Timeline timeline, String id, @Nullable PromptKey key, CacheMode mode) {
    RequestInfo info =
        RequestInfo.chat(id, "m", Caller.at("127.0.0.1"), timeline.nanos())
            .withPrompt(10, key, PrefixHashes.NONE)
            .withMaxOutputTokens(10)
            .withCacheMode(mode);
    return new InferenceRequest(info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST);
  }

  /** Admits all, and counts reservations that are not settled. */
  static final class Ledger implements RateLimiter {
    int unsettled;
    long waitNanos;

    @Override
    public Future<RateLimiter.Decision> acquire(RequestInfo request, Amount expected) {
      unsettled++;
      boolean[] settled = {false};
      Reservation reservation =
          (settling, used) -> {
            if (settled[0]) {
              throw new AssertionError("settled twice");
            }
            settled[0] = true;
            unsettled--;
          };
      return Future.succeededFuture(
          waitNanos > 0 ? new Delay(reservation, waitNanos) : new Admit(reservation));
    }
  }

  /** So many permits. */
  static final class Permits implements ConcurrencyLimiter {
    final int limit;
    int out;
    int most;

    Permits(int limit) {
      this.limit = limit;
    }

    @Override
    public ConcurrencyLimiter.Decision acquire(RequestInfo request) {
      if (out >= limit) {
        return Saturated.UNTIL_RELEASE;
      }
      out++;
      most = Math.max(most, out);
      boolean[] released = {false};
      return new Admitted(
          outcome -> {
            if (released[0]) {
              throw new AssertionError("released twice");
            }
            released[0] = true;
            out--;
          });
    }

    @Override
    public int limit() {
      return limit;
    }

    @Override
    public int inFlight() {
      return out;
    }
  }

  /** First come, first served. */
  static final class Line implements RequestQueue {
    final ArrayDeque<Ticket> tickets = new ArrayDeque<>();
    private final int capacity;
    int polled;
    int finished;

    Line(int capacity) {
      this.capacity = capacity;
    }

    @Override
    public @Nullable Ticket offer(Ticket ticket) {
      if (tickets.size() >= capacity) {
        return ticket;
      }
      tickets.add(ticket);
      return null;
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      Ticket head = tickets.peek();
      if (head == null || !admits.test(head)) {
        return null;
      }
      polled++;
      return tickets.poll();
    }

    @Override
    public boolean remove(Ticket ticket) {
      return tickets.remove(ticket);
    }

    @Override
    public int size() {
      return tickets.size();
    }

    @Override
    public void finished(Ticket ticket, Outcome outcome) {
      finished++;
    }
  }

  /** Everything, for ever. */
  static final class Store implements ResponseCache {
    final Map<PromptKey, CachedAnswer> answers = new LinkedHashMap<>();
    boolean silent;
    @Nullable Duration keeps;

    @Override
    public @Nullable Duration keeps() {
      return keeps;
    }

    @Override
    public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
      if (silent) {
        return Promise.<@Nullable CachedAnswer>promise().future();
      }
      return Future.succeededFuture(answers.get(key));
    }

    @Override
    public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
      answers.put(key, answer);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> invalidate(PromptKey key) {
      answers.remove(key);
      return Future.succeededFuture();
    }
  }

  /** The least loaded, and counts what was dispatched and is not finished. */
  static final class Least implements Balancer {
    int open;
    int chosen;

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      chosen++;
      Iterator<Endpoint> all = candidates.iterator();
      Endpoint least = all.next();
      while (all.hasNext()) {
        Endpoint other = all.next();
        least = other.inFlight() < least.inFlight() ? other : least;
      }
      return least;
    }

    @Override
    public void dispatched(Endpoint endpoint, RequestInfo request) {
      open++;
    }

    @Override
    public void finished(Endpoint endpoint, RequestInfo request, Outcome outcome) {
      open--;
    }
  }

  /** What is logged meanwhile. */
  static String logged(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8);
  }
}
