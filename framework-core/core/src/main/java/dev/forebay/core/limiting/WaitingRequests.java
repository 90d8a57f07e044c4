package dev.forebay.core.limiting;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait in a queue, and what takes them out unserved: they are shed or given up,
 * their time is up, or their caller leaves. The queue is what may not be trusted here: whatever it
 * says, each request has one ending. On the gateway's timeline.
 */
final class WaitingRequests {

  private final String name;
  private final RequestQueue queue;
  private final Admit options;
  private final Timeline timeline;
  private final PluginErrors errors;
  private final Map<Ticket, Waiter> waiters = new LinkedHashMap<>();
  private final Overtaking overtaking = new Overtaking();
  private final Demands demands = new Demands();
  private final QueueRefusals refusals;
  private final QueueFigures figures;
  private final Counter queued;
  private final Counter shed;
  private final Counter givenUp;
  private final Counter expired;
  private final Counter left;
  private final Histogram wait;
  private long waitingBytes;

  WaitingRequests(RequestQueue queue, Admit options, PluginContext context, PluginErrors errors) {
    this.name = context.name();
    this.queue = queue;
    this.options = options;
    this.timeline = context.timeline();
    this.errors = errors;
    ComingCapacity coming = context.resource(ComingCapacity.class).orElseGet(ComingCapacity::new);
    this.refusals =
        new QueueRefusals(
            options.maxWait().toNanos(), timeline, overtaking, () -> coming.to(context.name()));
    this.figures = new QueueFigures(context, options.tenants());
    queue.longestWait(options.maxWait().toNanos());
    this.queued = context.counter("queued");
    this.shed = context.counter("shed");
    this.givenUp = context.counter("given_up");
    this.expired = context.counter("expired");
    this.left = context.counter("left");
    this.wait = context.histogram("wait_seconds", Buckets.SECONDS);
    context.gauge("queue_length", queue::size);
    context.gauge("queue_bytes", () -> waitingBytes);
  }

  boolean isEmpty() {
    return waiters.isEmpty();
  }

  int size() {
    return waiters.size();
  }

  /** What those that wait are expected to take, of prompts and answers. */
  long tokens() {
    return waiters.keySet().stream().mapToLong(Ticket::tokens).sum();
  }

  /** How long the one that came first has waited; 0 if none waits. */
  long oldestNanos() {
    Ticket first = first();
    return first == null ? 0 : timeline.nanos() - first.enqueuedNanos();
  }

  /** The ticket whose turn it is, which waits until it is taken {@link #out}. */
  @Nullable Ticket poll(Predicate<Ticket> admits) {
    return queue.poll(admits);
  }

  /** A request that has no permit waits, or is refused. */
  void enqueue(Waiter waiter) {
    timeline.check();
    Ticket ticket = ticket(waiter);
    if (ticket.expiresNanos() <= ticket.enqueuedNanos() || refusals.comesTooLate(ticket)) {
      shed.increment();
      boolean late = ticket.demand().serviceNanos() > 0 && options.maxWait().isPositive();
      Failure why =
          refusals.comesTooLate(ticket)
              ? refusals.notYet(waiters.size())
              : late ? refusals.tooLate(ticket, waiters.size()) : refusals.noTime(waiters.size());
      figures.dropped(ticket.request(), why.reason());
      waiter.reject(why);
      return;
    }
    waiter.ticket = ticket;
    waiters.put(ticket, waiter);
    waitingBytes += ticket.demand().bytes();
    figures.waits(ticket);
    overtaking.waits(ticket.request().priority(), ticket.enqueuedNanos());
    Ticket victim;
    try {
      victim = queue.offer(ticket);
    } catch (Exception | Error e) {
      takeOut(ticket); // it may have been added all the same
      refuse(waiter, errors.failure(name, e));
      return;
    }
    if (victim != ticket) {
      queued.increment();
      RequestSpan span = waiter.request.call().span();
      if (span != null) {
        span.event("queue.waits", "stage", name, "length", Integer.toString(waiters.size()));
      }
      waiter.hook(
          timeline.after(ticket.expiresNanos() - ticket.enqueuedNanos(), () -> expire(ticket)),
          waiter.request.call().onEnd(() -> timeline.execute(() -> leave(ticket))));
      if (!waiters.containsKey(ticket)) {
        waiter.unhook(); // its call had ended
      }
    }
    shed(victim == null ? null : out(victim));
    makeRoom(ticket);
  }

  /** It may wait as long as the usual answer still comes before its deadline, and not too long. */
  private Ticket ticket(Waiter waiter) {
    long now = timeline.nanos();
    RequestInfo request = waiter.request.info();
    Ticket.Demand demand = demands.of(waiter.request);
    long expires =
        Math.min(
            request.deadlineNanos() - demand.serviceNanos(), now + options.maxWait().toNanos());
    return new Ticket(request, now, expires, demand);
  }

  /** Sheds until the bodies of all that wait are within their bound. */
  private void makeRoom(Ticket newcomer) {
    boolean fits = newcomer.demand().bytes() <= options.maxBytes();
    while (waitingBytes > options.maxBytes()) {
      Ticket victim = fits ? toShed() : null;
      Waiter waiter = victim == null ? null : out(victim);
      if (!shed(waiter == null ? takeOut(newcomer) : waiter)) {
        return;
      }
    }
  }

  private @Nullable Ticket toShed() {
    try {
      return queue.shed();
    } catch (Exception | Error e) {
      errors.note(name, e);
      return null;
    }
  }

  private boolean shed(@Nullable Waiter waiter) {
    if (waiter != null) {
      shed.increment();
      refuse(waiter, refusals.noRoom(waiter.request.info(), waiters.size()));
    }
    return waiter != null;
  }

  /** Takes out those that the queue gives up by itself. */
  void giveUp() {
    try {
      for (Ticket ticket = queue.drop(); ticket != null; ticket = queue.drop()) {
        Waiter waiter = out(ticket);
        if (waiter == null) {
          return; // such a queue could give tickets for ever
        }
        givenUp.increment();
        refuse(waiter, refusals.givenUp(ticket, waiters.size()));
      }
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }

  private void expire(Ticket ticket) {
    Waiter waiter = takeOut(ticket);
    if (waiter != null) {
      expired.increment();
      refuse(waiter, refusals.expired(ticket, waiters.size()));
    }
  }

  /** Its turn came in the instant in which its time was up. */
  Failure expired(Waiter waiter, Ticket ticket) {
    expired.increment();
    Failure why = refusals.expired(ticket, waiters.size());
    refuse(waiter, why);
    return why;
  }

  private void leave(Ticket ticket) {
    Waiter waiter = takeOut(ticket);
    if (waiter != null) {
      left.increment();
      refuse(waiter, Endings.why(waiter.request.call()));
    }
  }

  /** Takes a ticket out of the queue; null if it does not wait. */
  private @Nullable Waiter takeOut(Ticket ticket) {
    timeline.check();
    Waiter waiter = out(ticket);
    if (waiter != null) {
      try {
        queue.remove(ticket);
      } catch (Exception | Error e) {
        errors.note(name, e);
      }
    }
    return waiter;
  }

  /** Nobody waits by this ticket any more, which the queue has let go. */
  @Nullable Waiter out(Ticket ticket) {
    Waiter waiter = waiters.remove(ticket);
    if (waiter != null) {
      waitingBytes -= ticket.demand().bytes();
      waiter.unhook();
    }
    return waiter;
  }

  void refuse(Waiter waiter, Failure why) {
    if (waiter.ticket != null) {
      figures.dropped(waiter.ticket, why.reason());
    }
    waiter.reject(why);
  }

  /** Takes one out that fails; false if it does not wait. */
  boolean fail(@Nullable Ticket ticket, Failure failure) {
    Waiter waiter = ticket == null ? null : takeOut(ticket);
    if (waiter != null) {
      refuse(waiter, failure);
    }
    return waiter != null;
  }

  /** The one that came first; null if none waits. */
  @Nullable Ticket first() {
    return waiters.isEmpty() ? null : waiters.keySet().iterator().next();
  }

  /** Tells the queue that a ticket has its turn, which waits until it is taken {@link #out}. */
  void take(Ticket ticket) {
    try {
      queue.take(ticket);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }

  /** A request that waited, or did not, is let on. */
  void granted(Waiter waiter) {
    RequestInfo request = waiter.request.info();
    Ticket ticket = waiter.ticket;
    if (ticket != null) {
      long waited = timeline.nanos() - ticket.enqueuedNanos();
      wait.record(waited);
      RequestSpan span = waiter.request.call().span();
      if (span != null) {
        span.event("queue.leaves", "stage", name, "waited_ms", Long.toString(waited / 1_000_000));
      }
      figures.served(ticket);
    }
    overtaking.admitted(
        request.priority(), ticket == null ? timeline.nanos() : ticket.enqueuedNanos());
  }

  /** The permit of a request came back. */
  void released(Waiter waiter, Outcome outcome) {
    refusals.released();
    if (waiter.grantedNanos != Waiter.NEVER) {
      demands.learn(waiter.request.info(), outcome);
      figures.over(waiter.request.info(), outcome);
    }
  }

  /** A request that had its turn is over. */
  void finished(Waiter waiter, Outcome outcome) {
    if (waiter.ticket != null) {
      try {
        queue.finished(waiter.ticket, outcome);
      } catch (Exception | Error e) {
        errors.note(name, e);
      }
    }
  }
}
