package dev.forebay.conformance;

import dev.forebay.conformance.ScriptedRest.Script;
import dev.forebay.spi.Call;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.ConcurrencyLimiter.Admitted;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.policy.Instance;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Delay;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.policy.Ticket;
import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A seeded scenario for each kind of plugin: what is decided in it, line by line, for comparison;
 * and work without end for the measurement of memory.
 */
final class Rehearsal {

  private static final long SEED = 7;
  private static final int STEPS = 600;
  private static final int MOST_ANSWERS = 500;

  private final TestContext context;
  private final SplittableRandom chance = new SplittableRandom(SEED);
  private final List<String> decisions = new ArrayList<>();

  private Rehearsal(TestContext context) {
    this.context = context;
  }

  /** What a new plugin decides in the scenario, in a context. */
  static <T> List<String> perform(Plugin<T> plugin, TestContext context) {
    return perform(plugin, plugin.create(context), context);
  }

  /** What a plugin decides in the scenario. */
  static <T> List<String> perform(Plugin<T> plugin, T made, TestContext context) {
    Rehearsal rehearsal = new Rehearsal(context);
    Class<?> kind = Plugins.kind(plugin);
    if (kind == Balancer.class) {
      rehearsal.balance((Balancer) made);
    } else if (kind == RateLimiter.class) {
      rehearsal.limit((RateLimiter) made);
    } else if (kind == ConcurrencyLimiter.class) {
      rehearsal.admit((ConcurrencyLimiter) made);
    } else if (kind == RequestQueue.class) {
      rehearsal.queue((RequestQueue) made);
    } else if (kind == ResponseCache.class) {
      rehearsal.cache((ResponseCache) made);
    } else if (kind == DeadLetterStore.class) {
      rehearsal.letters((DeadLetterStore) made);
    } else if (kind == HealthPolicy.class) {
      rehearsal.judge((HealthPolicy) made);
    } else if (kind == Backend.class) {
      rehearsal.answer((Backend) made);
    } else if (kind == HealthProbe.class) {
      rehearsal.probe((HealthProbe) made);
    } else if (kind == EndpointSource.class) {
      rehearsal.watch((EndpointSource) made);
    } else if (kind == Filter.class) {
      rehearsal.pass((Filter) made);
    } else if (kind == JobStore.class) {
      rehearsal.decisions.addAll(JobRehearsal.store((JobStore) made, context));
    } else if (kind == JobQueue.class) {
      rehearsal.decisions.addAll(JobRehearsal.queue((JobQueue) made, context));
    } else if (kind == UsageLedger.class) {
      rehearsal.account((UsageLedger) made);
    } else if (kind == Section.class) {
      rehearsal.operate((Section) made);
    } else if (kind == ScalingPolicy.class) {
      rehearsal.scale((ScalingPolicy) made);
    } else if (kind == ScalingTarget.class) {
      rehearsal.order((ScalingTarget) made);
    } else {
      throw new IllegalStateException("no scenario for " + kind);
    }
    return rehearsal.decisions;
  }

  /** A ledger takes records, and says what they come to. */
  private void account(UsageLedger ledger) {
    for (int i = 0; i < 100; i++) {
      context.await("append", ledger.append(List.of(record(context, i % 80))));
    }
    LocalDate day = UsageQuery.day(context.timeline().epochMillis());
    for (UsageQuery.Grouping by : UsageQuery.Grouping.values()) {
      UsageQuery query = new UsageQuery(null, day, day, by);
      decisions.add(context.await("sums", ledger.sums(query)).result().toString());
    }
    context.await("close", ledger.close());
  }

  private static UsageRecord record(TestContext context, int i) {
    return new UsageRecord(
        "r" + i,
        context.timeline().epochMillis(),
        "t" + i % 3,
        "u" + i % 7,
        "k" + i % 2,
        "m" + i % 5,
        "b",
        new Usage(i, i / 2, i, 0, i % 9 == 0),
        i,
        Status.values()[i % Status.values().length],
        i,
        "",
        "");
  }

  /** A section begins, works for a minute, and is closed. */
  private void operate(Section section) {
    section.prepare();
    for (int second = 0; second < 60; second++) {
      context.pass(1_000_000_000);
    }
    decisions.add("closed: " + context.await("close", section.close()).succeeded());
  }

  /** The bound on memory to test: answers take longer than decisions, so they are fewer. */
  static int bound(Plugin<?> plugin, int memoryBound) {
    return Plugins.kind(plugin) == Backend.class
        ? Math.min(memoryBound, MOST_ANSWERS)
        : memoryBound;
  }

  /** Gives a plugin work that is over at once, of callers and prompts that come once each. */
  static <T> void fill(Plugin<T> plugin, T made, TestContext context, int from, int to) {
    for (int i = from; i < to; i++) {
      RequestInfo request = new Rehearsal(context).request(i, i);
      if (made instanceof Balancer balancer) {
        FakePool pool = new FakePool(balancer, FakeEndpoint.many("e", 2));
        pool.finish(pool.dispatch(request), request, over(context, i));
      } else if (made instanceof RateLimiter limiter) {
        settle(
            context.await("acquire", limiter.acquire(request, Amounts.EXPECTED)).result(),
            request,
            i);
      } else if (made instanceof ConcurrencyLimiter limiter) {
        if (limiter.acquire(request) instanceof Admitted admitted) {
          admitted.permit().release(over(context, i));
        }
      } else if (made instanceof RequestQueue queue) {
        fill(queue, request, over(context, i));
      } else if (made instanceof ResponseCache cache) {
        CachedAnswer answer = Answers.of("answer " + i, context.timeline().epochMillis());
        context.await("put", cache.put(Requests.key(i), Requests.any(), answer));
        context.await("get", cache.get(Requests.key(-i), Requests.any()));
      } else if (made instanceof DeadLetterStore store) {
        context.await("keep", store.keep(letter(request)));
      } else if (made instanceof UsageLedger ledger) {
        context.await("append", ledger.append(List.of(record(context, i))));
      } else if (made instanceof HealthPolicy policy) {
        FakeEndpoint endpoint = FakeEndpoint.of("e" + i);
        policy.members(List.of(endpoint));
        policy.finished(endpoint, over(context, i));
      } else if (made instanceof Backend backend) {
        fill(backend, context, i);
      } else if (made instanceof HealthProbe probe) {
        Probing.ask(Stage.virtual(context), probe, new ScriptedBackend("e" + i, i % 2 == 0));
      } else if (made instanceof Filter filter) {
        fill(filter, context, i);
      } else if (made instanceof JobStore store) {
        JobRehearsal.fill(store, context, i);
      } else if (made instanceof JobQueue queue) {
        JobRehearsal.fill(queue, context, i);
      } else if (made instanceof ScalingPolicy policy) {
        policy.decide(FakeLoad.cpu(3, 0.7).at(15L * i).traffic(i % 200, i % 150).load());
      } else if (made instanceof EndpointSource source && i == from) {
        new Rehearsal(context).watch(source);
      }
      context.pass(1_000_000);
    }
  }

  private static Outcome over(TestContext context, int i) {
    Status[] all = Status.values();
    return Outcomes.of(all[i % all.length], context.timeline().nanos(), 1_000_000);
  }

  private static void fill(RequestQueue queue, RequestInfo request, Outcome end) {
    queue.offer(Requests.ticket(request, 0));
    Ticket polled = queue.poll(ticket -> true);
    if (polled != null) {
      queue.finished(polled, end);
    }
  }

  private static void fill(Backend backend, TestContext context, int i) {
    Call call = Call.root(context.timeline());
    Future<InferenceResponse> head =
        context.await("serve", backend.serve(Requests.inference("r" + i, call, 4)));
    if (head.succeeded() && i % 3 > 0) {
      Reading.all(Stage.virtual(context), head.result().tokens());
    } else if (head.succeeded()) {
      head.result().tokens().cancel();
    }
    call.end();
  }

  private static void fill(Filter filter, TestContext context, int i) {
    Call call = Call.root(context.timeline());
    ScriptedRest rest = new ScriptedRest(i % 5 == 0 ? Script.REFUSES : Script.READY);
    Future<InferenceResponse> head =
        context.await("serve", filter.serve(Requests.inference("r" + i, call), rest));
    if (head.succeeded() && i % 3 > 0) {
      Reading.all(Stage.virtual(context), head.result().tokens());
    } else if (head.succeeded()) {
      head.result().tokens().cancel();
    }
    call.end();
  }

  private static void settle(Decision decision, RequestInfo request, int i) {
    RateLimiter.Amount used = Amounts.USED.get(i % Amounts.USED.size());
    if (decision instanceof Admit admit) {
      admit.reservation().settle(request, used);
    } else if (decision instanceof Delay delay) {
      delay.reservation().settle(request, used);
    }
  }

  private RequestInfo request(int id, int caller) {
    return Requests.chat("r" + id, Requests.caller(caller), context.timeline().nanos())
        .withPriority(Math.floorMod(caller, 3))
        .withPrompt(
            Requests.PROMPT_TOKENS + id % 50, Requests.key(caller), Requests.prefix(caller, 4));
  }

  private Outcome ending(long beganNanos) {
    Status[] all = Status.values();
    Status status = chance.nextInt(4) > 0 ? Status.OK : all[chance.nextInt(all.length)];
    long now = context.timeline().nanos();
    return Outcomes.of(status, beganNanos, now - beganNanos);
  }

  private void say(String decision) {
    decisions.add(decision.replace("\n", "\\n").replace("\r", "\\r"));
  }

  private record Open<H>(H holds, RequestInfo request, long beganNanos) {}

  private void balance(Balancer balancer) {
    List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 6);
    FakePool pool = new FakePool(balancer, endpoints);
    ArrayDeque<Open<FakeEndpoint>> open = new ArrayDeque<>();
    for (int i = 0; i < STEPS; i++) {
      RequestInfo request = request(i, chance.nextInt(40));
      FakeEndpoint chosen = pool.dispatch(request);
      say(chosen.id());
      open.add(new Open<>(chosen, request, context.timeline().nanos()));
      context.pass(chance.nextLong(100_000_000));
      if (open.size() > chance.nextInt(20)) {
        Open<FakeEndpoint> over = open.remove();
        pool.finish(over.holds(), over.request(), ending(over.beganNanos()));
        over.holds()
            .firstContentNanos(chance.nextLong(1_000_000_000))
            .errorRate(chance.nextDouble() / 4)
            .reportedLoad(chance.nextDouble(), chance.nextLong(2_000_000_000));
      }
      if (i == STEPS / 2) {
        balancer.members(List.copyOf(endpoints));
      }
    }
    open.forEach(over -> pool.finish(over.holds(), over.request(), ending(over.beganNanos())));
  }

  private void limit(RateLimiter limiter) {
    ArrayDeque<Open<Decision>> open = new ArrayDeque<>();
    for (int i = 0; i < STEPS; i++) {
      RequestInfo request = request(i, chance.nextInt(5));
      Decision decision =
          context.await("acquire", limiter.acquire(request, Amounts.EXPECTED)).result();
      say(
          switch (decision) {
            case Admit admit -> "admit";
            case Delay delay -> "delay " + delay.waitNanos();
            case RateLimiter.Refuse refuse ->
                "refuse " + refuse.reason() + " " + refuse.retryAfterNanos();
          });
      open.add(new Open<>(decision, request, context.timeline().nanos()));
      context.pass(chance.nextLong(40_000_000));
      if (open.size() > 10) {
        Open<Decision> over = open.remove();
        settle(over.holds(), over.request(), chance.nextInt(Amounts.USED.size()));
      }
    }
    open.forEach(over -> settle(over.holds(), over.request(), 0));
  }

  private void admit(ConcurrencyLimiter limiter) {
    ArrayDeque<Open<ConcurrencyLimiter.Permit>> open = new ArrayDeque<>();
    for (int i = 0; i < 5 * STEPS; i++) {
      RequestInfo request = request(i, chance.nextInt(5));
      ConcurrencyLimiter.Decision decision = limiter.acquire(request);
      say(decision instanceof Admitted ? "admitted of " + limiter.limit() : decision.toString());
      if (decision instanceof Admitted admitted) {
        open.add(new Open<>(admitted.permit(), request, context.timeline().nanos()));
      }
      context.pass(chance.nextLong(20_000_000));
      if (!open.isEmpty() && chance.nextInt(3) > 0) {
        Open<ConcurrencyLimiter.Permit> over = open.remove();
        over.holds().release(ending(over.beganNanos()));
      }
    }
    open.forEach(over -> over.holds().release(ending(over.beganNanos())));
  }

  private void queue(RequestQueue queue) {
    ArrayDeque<Ticket> waiting = new ArrayDeque<>();
    for (int i = 0; i < 2 * STEPS; i++) {
      if (chance.nextInt(3) > 0) {
        Ticket ticket = Requests.ticket(request(i, chance.nextInt(8)), context.timeline().nanos());
        Ticket shed = queue.offer(ticket);
        say("offer " + ticket + ": " + shed);
        waiting.add(ticket);
      } else if (chance.nextInt(5) > 0) {
        int worst = chance.nextInt(3);
        poll(queue, worst);
      } else if (!waiting.isEmpty()) {
        Ticket leaving = waiting.remove();
        say("remove " + leaving + ": " + queue.remove(leaving));
      }
      context.pass(chance.nextLong(10_000_000));
    }
    for (int i = 0; i < 2 * STEPS && queue.size() > 0; i++) {
      poll(queue, RequestInfo.LEAST_PRIORITY);
    }
  }

  private void poll(RequestQueue queue, int worst) {
    Ticket polled = queue.poll(ticket -> ticket.request().priority() <= worst);
    say("poll: " + polled);
    if (polled != null) {
      queue.finished(polled, ending(polled.enqueuedNanos()));
    }
  }

  private void letters(DeadLetterStore store) {
    for (int i = 0; i < 2 * STEPS; i++) {
      int action = chance.nextInt(4);
      if (action < 2) {
        context.await("keep", store.keep(letter(request(i, chance.nextInt(8)))));
      } else if (action == 2) {
        say("drop: " + context.await("drop", store.drop("r" + chance.nextInt(i + 1))).result());
      } else {
        say("newest: " + context.await("newest", store.newest(3)).result());
      }
      context.pass(chance.nextLong(10_000_000));
    }
  }

  private static DeadLetter letter(RequestInfo request) {
    return new DeadLetter(
        request.id(),
        request.id(),
        0,
        "queue_full",
        503,
        request.operation(),
        request.model(),
        request.caller().tenant(),
        request.priority(),
        request.promptTokens(),
        null);
  }

  private void cache(ResponseCache cache) {
    for (int i = 0; i < 4 * STEPS; i++) {
      int key = (int) (chance.nextDouble() * chance.nextDouble() * 3_000);
      switch (chance.nextInt(8)) {
        case 0 -> context.await("invalidate", cache.invalidate(Requests.key(key)));
        case 1, 2, 3 ->
            context.await(
                "put",
                cache.put(
                    Requests.key(key),
                    Requests.any(),
                    Answers.sized(chance.nextInt(100_000), context.timeline().epochMillis())));
        default -> {
          CachedAnswer found =
              context.await("get", cache.get(Requests.key(key), Requests.any())).result();
          say("get " + key + ": " + (found == null ? "miss" : found.bytes()));
        }
      }
      context.pass(chance.nextLong(2_000_000_000));
    }
  }

  private void judge(HealthPolicy policy) {
    List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 4);
    policy.members(List.copyOf(endpoints));
    for (int i = 0; i < STEPS; i++) {
      long began = context.timeline().nanos();
      context.pass(chance.nextLong(1_000_000_000));
      FakeEndpoint endpoint = endpoints.get(chance.nextInt(4));
      Status status = chance.nextInt(3) == 0 ? Status.OVERLOADED : Status.OK;
      long nanos =
          policy.finished(endpoint, Outcomes.of(status, began, context.timeline().nanos() - began));
      say(endpoint + ": " + nanos);
    }
  }

  private void scale(ScalingPolicy policy) {
    int replicas = 4;
    for (int i = 1; i <= STEPS; i++) {
      double demand = 400 * (1 + Math.sin(i / 40.0)) + chance.nextInt(80);
      double done = Math.min(demand, replicas * 100.0);
      int waiting = (int) (demand - done);
      replicas =
          policy
              .decide(
                  FakeLoad.cpu(replicas, done / replicas / 100)
                      .at(15L * i)
                      .traffic(demand, done)
                      .waiting(waiting, waiting * 100L, waiting / done)
                      .between(1, 20)
                      .load())
              .replicas();
      say("replicas: " + replicas);
    }
  }

  private void order(ScalingTarget target) {
    for (int replicas : new int[] {2, 5, 3}) {
      say("scale: " + context.await("scale", target.scale(replicas, List.of())).succeeded());
      say("observe: " + context.await("observe", target.observe()).result());
    }
    context.await("close", target.close());
  }

  private void probe(HealthProbe probe) {
    Stage stage = Stage.virtual(context);
    for (int i = 0; i < STEPS; i++) {
      Backend backend = new ScriptedBackend("e" + i % 4, chance.nextBoolean());
      Future<Void> answer = Probing.ask(stage, probe, backend);
      say(backend.facts().id() + ": " + (answer.succeeded() ? "up" : answer.cause().getMessage()));
      context.pass(chance.nextLong(1_000_000_000));
    }
  }

  private void watch(EndpointSource source) {
    source.watch(
        new EndpointSource.Watcher() {
          @Override
          public void members(List<Instance> all) {
            say(all.toString());
          }

          @Override
          public void failed(String why) {
            say(why);
          }
        });
    context.passSeconds(60);
    source.close();
  }

  private void answer(Backend backend) {
    Stage stage = Stage.virtual(context);
    for (int i = 0; i < 20; i++) {
      Call call = Call.root(context.timeline());
      Future<InferenceResponse> head =
          context.await("serve", backend.serve(Requests.inference("r" + i, call, 16)));
      if (head.failed()) {
        say("failed: " + head.cause().getMessage());
      } else if (i % 4 == 3) {
        head.result().tokens().cancel();
        say("cancelled: " + Reading.outcome(stage, head.result().tokens()).timings());
      } else {
        Reading reading = Reading.all(stage, head.result().tokens());
        reading
            .chunks()
            .forEach(
                read ->
                    say(read.atNanos() + " " + read.chunk().kind() + " " + read.chunk().data()));
        say(reading.outcome().status() + " " + reading.outcome().usage());
      }
      call.end();
      context.pass(chance.nextLong(1_000_000_000));
    }
  }

  private void pass(Filter filter) {
    Stage stage = Stage.virtual(context);
    Script[] scripts = {Script.ANSWERS, Script.REFUSES, Script.ANSWERS, Script.BREAKS};
    for (int i = 0; i < 60; i++) {
      Call call = Call.root(context.timeline());
      ScriptedRest rest = new ScriptedRest(scripts[i % scripts.length]);
      Future<InferenceResponse> head =
          context.await("serve", filter.serve(Requests.inference("r" + i, call), rest));
      if (head.failed()) {
        say("failed: " + head.cause().getMessage());
      } else if (i % 10 == 4) {
        head.result().tokens().cancel();
        say("cancelled: " + Reading.outcome(stage, head.result().tokens()).timings());
      } else {
        Reading reading = Reading.all(stage, head.result().tokens());
        reading.chunks().forEach(read -> say(read.atNanos() + " " + read.chunk().data()));
        say(reading.outcome().status() + " " + reading.outcome().usage());
      }
      say("asked " + rest.asked().size() + " times");
      call.end();
      context.pass(chance.nextLong(1_000_000_000));
    }
  }
}
