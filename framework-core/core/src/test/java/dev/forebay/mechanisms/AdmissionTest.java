package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.Admit;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private final Failure bad = Failure.of(Status.CALLER_FAULT, 400, "bad", "bad");

  @Test
  void aHundredThousandThatFailAtOnceDoNotGrowTheStack() {
    int[] calls = {0};
    World world =
        new World(
            1,
            new Scripted(
                "a",
                self ->
                    request ->
                        (calls[0]++ == 0 ? self.fails(bad, millis(1)) : self.fails(bad, 0))
                            .apply(request)));
    world.build(p -> p.retry(2).admit(world.capacity(), world.queue()));
    for (int i = 0; i < 100_000; i++) {
      world.send();
    }
    assertEquals(99_999, world.line.tickets.size());
    world.settle();
    assertEquals(100_000, calls[0]);
    assertEquals(100_000L, world.gateway().outcomes().get(Status.CALLER_FAULT));
    assertEquals(99_999, world.line.finished);
    assertEquals(1, world.permits.most);
  }

  @Test
  void whoWaitsTooLongIsAnsweredInTime() {
    World world = new World(1, new Scripted("a", self -> self.streams(10, millis(100))));
    world.build(
        p -> p.stage(Admit.by(world.capacity(), world.queue()).withMaxWait(Duration.ofMillis(50))));
    Client first = world.send();
    Client second = world.send();
    world.settle();
    assertTrue(first.ok());
    assertEquals("queue_timeout", second.reason());
    assertEquals(millis(50), second.endedNanos);
    Failure failure = second.failure;
    assertTrue(failure != null && failure.retryAfterNanos() >= millis(1000), "Retry-After");
    assertEquals(1, world.counter("admit.expired"));
  }

  @Test
  void whoseDeadlinePassesInTheQueueIsTimedOut() {
    World world = new World(1, new Scripted("a", self -> self.streams(10, millis(100))));
    world.build(p -> p.deadline(Duration.ofMillis(300)).admit(world.capacity(), world.queue()));
    world.send();
    Client second = world.send();
    world.settle();
    assertEquals(Status.TIMED_OUT, second.status());
    assertEquals(millis(300), second.endedNanos);
    assertEquals(1, world.backends.get(0).calls.size());
  }

  @Test
  void whoIsShedIsToldAtOnce() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    Fakes.Line line = new Fakes.Line(1);
    world.build(
        p ->
            p.admit(world.capacity(), NamedPlugin.of(RequestQueue.class, "line", context -> line)));
    world.send();
    world.send();
    Client third = world.send();
    assertEquals("queue_full", third.reason());
    assertEquals(503, third.failure == null ? 0 : third.failure.httpStatus());
    world.settle();
    assertEquals(1, world.counter("admit.shed"));
  }

  /** More urgent requests take the whole capacity: to try again would be in vain. */
  @Test
  void aClassThatIsOvertakenForAsLongAsItMayWaitIsToldSo() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    overload(world, NamedPlugin.of(RequestQueue.class, "urgent", context -> new Urgent()));
    List<Client> standard =
        world.clients.stream()
            .filter(client -> client.request.info().priority() == RequestInfo.STANDARD)
            .toList();
    List<Client> refused = standard.stream().filter(client -> !client.ok()).toList();
    assertTrue(refused.size() > 10, () -> refused.size() + " refused");
    for (Client client : refused) {
      assertEquals("outranked", client.reason());
      assertEquals(millis(60_000), client.failure == null ? 0 : client.failure.retryAfterNanos());
    }
    assertTrue(standard.getLast().ok(), "the last ones are served when the others are over");
    world.clients.stream()
        .filter(client -> client.request.info().priority() == RequestInfo.VIP && !client.ok())
        .forEach(client -> assertEquals("queue_timeout", client.reason()));
  }

  @Test
  void inAQueueThatIsFirstComeFirstServedNoClassIsOvertaken() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    overload(world, world.queue());
    assertTrue(world.counter("admit.expired") > 0);
    world.clients.stream()
        .filter(client -> !client.ok())
        .forEach(client -> assertEquals("queue_timeout", client.reason()));
  }

  /** Urgent requests at twice the capacity for 5 s, and others at a quarter of it. */
  private static void overload(World world, Plugin<RequestQueue> queue) {
    world.build(p -> p.stage(Admit.by(world.capacity(), queue).withMaxWait(Duration.ofSeconds(1))));
    for (int i = 0; i < 100; i++) {
      int priority = i % 8 == 5 ? RequestInfo.STANDARD : RequestInfo.VIP;
      world.time.after(millis(50L * i), () -> send(world, priority));
    }
    world.time.after(millis(5_500), () -> send(world, RequestInfo.STANDARD));
    world.settle();
  }

  private static void send(World world, int priority) {
    InferenceRequest plain =
        Fakes.request(world.time, "r" + world.clients.size(), null, CacheMode.DEFAULT);
    world.clients.add(
        Client.send(world.gateway(), plain.with(plain.info().withPriority(priority))));
  }

  /** The most urgent class first. */
  private static final class Urgent implements RequestQueue {
    private final List<Ticket> tickets = new ArrayList<>();

    @Override
    public @Nullable Ticket offer(Ticket ticket) {
      tickets.add(ticket);
      tickets.sort(Comparator.comparingInt(each -> each.request().priority())); // stable
      return null;
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      return tickets.isEmpty() || !admits.test(tickets.get(0)) ? null : tickets.remove(0);
    }

    @Override
    public boolean remove(Ticket ticket) {
      return tickets.remove(ticket);
    }

    @Override
    public int size() {
      return tickets.size();
    }
  }

  @Test
  void whoLeavesTheQueueNeedsNoPermit() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    world.build(p -> p.admit(world.capacity(), world.queue()));
    world.send();
    Client second = world.send();
    Client third = world.send();
    world.time.after(millis(10), second::leave);
    world.time.runUntil(millis(10));
    assertEquals(1, world.line.tickets.size());
    world.settle();
    assertTrue(third.ok());
    assertEquals(2, world.backends.get(0).calls.size());
    assertEquals(1, world.counter("admit.left"));
  }

  @Test
  void theEarliestRecheckCounts() {
    World world = new World(1, new Scripted("a", self -> self.streams(1, 0)));
    long[] opensAt = {millis(30)};
    int[] asked = {0};
    ConcurrencyLimiter gate =
        new ConcurrencyLimiter() {
          @Override
          public Decision acquire(RequestInfo request) {
            if (world.time.nanos() >= opensAt[0]) {
              return new Admitted(outcome -> {});
            }
            return new Saturated(asked[0]++ == 0 ? millis(10_000) : millis(30));
          }

          @Override
          public int limit() {
            return 1;
          }

          @Override
          public int inFlight() {
            return 0;
          }
        };
    world.build(
        p -> p.admit(NamedPlugin.of(ConcurrencyLimiter.class, "gate", c -> gate), world.queue()));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(millis(30), client.endedNanos);
  }

  /** Bodies of 100 bytes, and room for 250: the third that waits is the one to go. */
  @Test
  void whatWaitsIsBoundedByBytesToo() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    world.build(p -> p.stage(Admit.by(world.capacity(), world.queue()).withMaxBytes(250)));
    Client first = sized(world, 1_000);
    Client second = sized(world, 100);
    Client third = sized(world, 100);
    Client fourth = sized(world, 100);
    Client small = sized(world, 50);
    Client huge = sized(world, 1_000);
    assertEquals("queue_full", fourth.reason());
    assertEquals("queue_full", huge.reason());
    assertEquals(250.0, world.gateway().gauges().get("admit.queue_bytes"));
    world.settle();
    assertTrue(first.ok() && second.ok() && third.ok() && small.ok());
    assertEquals(0.0, world.gateway().gauges().get("admit.queue_bytes"));
  }

  private static Client sized(World world, int bytes) {
    InferenceRequest plain =
        Fakes.request(world.time, "r" + world.clients.size(), null, CacheMode.DEFAULT);
    Client client =
        Client.send(world.gateway(), plain.with(plain.info(), Buffer.buffer(new byte[bytes])));
    world.clients.add(client);
    return client;
  }

  /** Answers take 100 ms. Who has 150 ms may wait for 50, and who has 80 may not wait at all. */
  @Test
  void nobodyWaitsWhoCouldNotBeAnsweredInTimeAnyMore() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(100))));
    world.build(p -> p.admit(world.capacity(), world.queue()));
    for (int i = 0; i < 25; i++) {
      world.send();
    }
    world.time.run();
    long began = world.time.nanos();
    world.send();
    Client late = due(world, 80);
    Client waits = due(world, 150);
    Client inTime = due(world, 1_000);
    assertEquals("too_late", late.reason());
    assertEquals(Status.SATURATED, late.status());
    assertTrue(late.failure != null && late.failure.retryAfterNanos() >= millis(1_000));
    world.settle();
    assertEquals("too_late", waits.reason());
    long waited = waits.endedNanos - began;
    assertTrue(waited >= millis(43) && waited <= millis(50), "a window rounds up: " + waited);
    assertTrue(inTime.ok());
    assertEquals(27, world.backends.get(0).calls.size(), "the others never reached it");
  }

  private static Client due(World world, long afterMillis) {
    InferenceRequest plain =
        Fakes.request(world.time, "r" + world.clients.size(), null, CacheMode.DEFAULT);
    long deadline = world.time.nanos() + millis(afterMillis);
    Client client =
        Client.send(world.gateway(), plain.with(plain.info().withDeadlineNanos(deadline)));
    world.clients.add(client);
    return client;
  }

  /** A queue that gives up whoever has waited for a second. */
  private static final class Impatient implements RequestQueue {
    private final Fakes.Line line = new Fakes.Line(100);
    private final Timeline timeline;

    Impatient(Timeline timeline) {
      this.timeline = timeline;
    }

    @Override
    public @Nullable Ticket offer(Ticket ticket) {
      return line.offer(ticket);
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      return line.poll(admits);
    }

    @Override
    public @Nullable Ticket drop() {
      Ticket head = line.tickets.peek();
      boolean overdue = head != null && timeline.nanos() - head.enqueuedNanos() >= millis(1_000);
      return overdue ? line.tickets.poll() : null;
    }

    @Override
    public boolean remove(Ticket ticket) {
      return line.remove(ticket);
    }

    @Override
    public int size() {
      return line.size();
    }
  }

  @Test
  void whomTheQueueGivesUpIsToldWhyAndNobodyIsGivenUpForWhomThereIsRoom() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(600))));
    world.build(
        p ->
            p.admit(
                world.capacity(),
                NamedPlugin.of(
                    RequestQueue.class, "line", context -> new Impatient(context.timeline()))));
    for (int i = 0; i < 5; i++) {
      world.send();
    }
    world.settle();
    List<String> reasons = world.clients.stream().map(Client::reason).toList();
    assertEquals(3, world.clients.stream().filter(Client::ok).count());
    assertEquals(List.of("queue_delay", "queue_delay"), reasons.subList(3, 5));
    assertEquals(2, world.counter("admit.given_up"));
    assertEquals(
        2, world.counter("admit.dropped{reason=queue_delay,class=standard,tenant=default}"));
  }

  @Test
  void figuresOfAQueueAreOfEachClassAndTenantUpToABound() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(1_000))));
    world.build(p -> p.stage(Admit.by(world.capacity(), world.queue()).withTenants(1)));
    world.send();
    from(world, "acme", RequestInfo.VIP);
    from(world, "acme", RequestInfo.BATCH);
    from(world, "third", RequestInfo.VIP);
    from(world, "fourth", RequestInfo.VIP);
    world.time.runUntil(millis(750));
    String other = "{class=vip,tenant=other}";
    assertEquals(2.0, world.gateway().gauges().get("admit.waiting" + other));
    assertEquals(0.75, world.gateway().gauges().get("admit.oldest_seconds" + other));
    assertEquals(1.0, world.gateway().gauges().get("admit.waiting{class=vip,tenant=acme}"));
    world.settle();
    assertEquals(0.0, world.gateway().gauges().get("admit.waiting" + other));
    assertEquals(0.0, world.gateway().gauges().get("admit.oldest_seconds" + other));
    assertEquals(2, samples(world, "admit.queue_seconds" + other));
    assertEquals(2, samples(world, "admit.service_seconds" + other));
    assertEquals(1, samples(world, "admit.queue_seconds{class=batch,tenant=acme}"));
    assertEquals(1, samples(world, "admit.service_seconds{class=standard,tenant=other}"));
  }

  private static long samples(World world, String histogram) {
    return world.gateway().metrics().snapshot().histograms().entrySet().stream()
        .filter(each -> each.getKey().toString().equals(histogram))
        .mapToLong(each -> each.getValue().count())
        .sum();
  }

  private static void from(World world, String tenant, int priority) {
    InferenceRequest plain =
        Fakes.request(world.time, "r" + world.clients.size(), null, CacheMode.DEFAULT);
    RequestInfo info =
        RequestInfo.chat(plain.info().id(), "m", new Caller("127.0.0.1", "", tenant, "", ""), 0)
            .withPriority(priority);
    world.clients.add(Client.send(world.gateway(), plain.with(info)));
  }
}
