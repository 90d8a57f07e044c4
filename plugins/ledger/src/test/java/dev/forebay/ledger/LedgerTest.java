package dev.forebay.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.RequestWatcher.Ended;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The section at work, in virtual time, with a store that can be down. */
class LedgerTest {

  private static final long CENT = 10_000_000;
  private static final Budget DOLLAR =
      new Budget(Budget.Scope.TENANT, "acme", Budget.Unit.NANODOLLARS, 100 * CENT);

  private final VirtualTimeline time = new VirtualTimeline();
  private final Store store = new Store();
  private int contexts;

  /** A store that counts, and that can be down. */
  private final class Store implements UsageLedger, KeyRegister {
    private final MemoryRecords records = new MemoryRecords(1_000_000, new MemoryRegister(time));
    private boolean down;
    private boolean loses;
    private boolean grantsNothing;
    private boolean slowGrants;
    private long delayNanos;
    private int appends;

    private <T> Future<T> here(Callable<Future<T>> answer) {
      try {
        Future<T> now = down ? Future.failedFuture("down") : answer.call();
        if (delayNanos == 0) {
          return now;
        }
        Promise<T> late = Promise.promise();
        time.after(delayNanos, () -> now.onComplete(late));
        return late.future();
      } catch (Exception e) {
        return Future.failedFuture(e);
      }
    }

    @Override
    public Future<Void> append(List<UsageRecord> more) {
      appends++;
      if (loses) { // it takes them, and its answer does not arrive
        return records.append(more).compose(taken -> Future.failedFuture("cut off"));
      }
      return here(() -> records.append(more));
    }

    @Override
    public Future<List<UsageSum>> sums(UsageQuery query) {
      return here(() -> records.sums(query));
    }

    @Override
    public Future<List<UsageRecord>> ofUser(String tenant, String user, int most) {
      return here(() -> records.ofUser(tenant, user, most));
    }

    @Override
    public Future<Void> counted(String counter, List<Total> totals) {
      return here(() -> records.counted(counter, totals));
    }

    @Override
    public Future<List<Audited>> audit(LocalDate from, LocalDate to) {
      return here(() -> records.audit(from, to));
    }

    @Override
    public KeyRegister register() {
      return this;
    }

    @Override
    public Future<Optional<Known>> known(long seen) {
      return here(() -> records.register().known(seen));
    }

    @Override
    public Future<Void> issue(IssuedKey key, String by) {
      return here(() -> records.register().issue(key, by));
    }

    @Override
    public Future<Boolean> revoke(String id, String by) {
      return here(() -> records.register().revoke(id, by));
    }

    @Override
    public Future<Void> limit(Budget budget, String by) {
      return here(() -> records.register().limit(budget, by));
    }

    @Override
    public Future<List<Grant>> grant(String gateway, List<Request> requests) {
      if (slowGrants) {
        Promise<List<Grant>> late = Promise.promise();
        time.after(
            15_000_000_000L, () -> records.register().grant(gateway, requests).onComplete(late));
        return late.future();
      }
      return here(
          () ->
              grantsNothing
                  ? Future.failedFuture("no grants")
                  : records.register().grant(gateway, requests));
    }

    @Override
    public Future<List<Change>> changes(int most) {
      return here(() -> records.register().changes(most));
    }

    UsageSum sum() {
      LocalDate day = UsageQuery.day(time.epochMillis());
      return records
          .sums(new UsageQuery(null, day.minusDays(1), day.plusDays(1), Grouping.TENANT))
          .result()
          .stream()
          .reduce(UsageSum.none("all"), UsageSum::plus);
    }
  }

  /** Does at once what blocks. */
  private static final class AtOnce implements Worker {
    @Override
    public <T> Future<T> run(Callable<T> work) {
      try {
        return Future.succeededFuture(work.call());
      } catch (Exception e) {
        return Future.failedFuture(e);
      }
    }
  }

  private record Running(LedgerSection section, TestContext context) {}

  private Running start(Ledger options, @Nullable Path folder) {
    TestContext context = TestContext.of("ledger" + contexts++, contexts, time);
    OutboxFiles files =
        folder == null
            ? null
            : new OutboxFiles(
                new Journal(folder), new AtOnce(), time, context.counter("file_errors"));
    LedgerSection section = new LedgerSection(options, store, context, files);
    section.prepare();
    return new Running(section, context);
  }

  private Running start(String gateway) {
    return start(Ledger.in(MemoryLedger.defaults()).withGateway(gateway), null);
  }

  private static Ledger small(int maxRecords) {
    return Ledger.in(MemoryLedger.defaults())
        .withOutbox(new Ledger.OutboxOptions(maxRecords, 5, Duration.ofMillis(200), "", 1 << 20));
  }

  private RequestInfo request() {
    return RequestInfo.chat(
        "r", "m", new Caller("192.0.2.1", "key", "acme", "user", ""), time.nanos());
  }

  private Ended ended(long nanodollars) {
    Timings timings = new Timings(time.nanos(), time.nanos(), time.nanos());
    Outcome outcome = Outcome.ok(new Usage(10, 0, 5, 0), timings).withCost(nanodollars / 1e9);
    return new Ended(request(), outcome, "backend", "miss", "", 12_000_000);
  }

  private void end(Running running, int times, long nanodollars) {
    for (int i = 0; i < times; i++) {
      running.section.ended(ended(nanodollars));
    }
  }

  private void pass(double seconds) {
    time.runUntil(time.nanos() + (long) (seconds * 1e9));
  }

  @Test
  void recordsArriveSoonAndWhole() {
    Running running = start("one");
    end(running, 3, CENT);
    pass(0.3);
    assertEquals(new UsageSum("all", 3, 30, 0, 15, 0, 0, 3 * CENT), store.sum());
    UsageRecord record = store.records.ofUser("acme", "user", 1).result().getFirst();
    assertEquals("backend", record.backend());
    assertEquals("key", record.keyId());
    assertEquals(12, record.latencyMillis());
  }

  @Test
  void recordsWaitWhileTheStoreIsDownAndArriveOnce() {
    Running running = start("one");
    store.down = true;
    end(running, 1200, CENT);
    pass(60);
    assertEquals(0, store.sum().requests());
    assertTrue(store.appends < 40, "tries in a minute: " + store.appends);
    store.down = false;
    store.loses = true;
    pass(6);
    store.loses = false;
    pass(6);
    assertEquals(1200, store.sum().requests());
    assertEquals(0, running.context.count("dropped"));
    assertEquals(0.0, running.context.gauges().get("waiting_records"));
    assertEquals(0, store.records.audit(today(), today()).result().getFirst().driftRequests());
  }

  private LocalDate today() {
    return UsageQuery.day(time.epochMillis());
  }

  @Test
  void theOldestAreDroppedAndCountedIfThereIsNoRoomAndTheAuditFindsThem() {
    Running running = start(small(20), null);
    store.down = true;
    for (int i = 0; i < 100; i++) {
      end(running, 1, i);
    }
    pass(2);
    store.down = false;
    pass(10);
    long dropped = running.context.count("dropped");
    assertEquals(100, dropped + store.sum().requests());
    assertTrue(store.sum().requests() >= 15 && store.sum().requests() <= 25, store.sum() + "");
    assertEquals(99, store.records.ofUser("acme", "user", 1).result().getFirst().nanodollars());
    assertEquals(
        dropped, store.records.audit(today(), today()).result().getFirst().driftRequests());
  }

  @Test
  void whatHasNoRoomInMemoryWaitsInTheFolder(@TempDir Path folder) {
    Running running = start(small(20), folder);
    store.down = true;
    for (int i = 0; i < 20; i++) {
      end(running, 10, CENT);
      pass(0.2);
    }
    assertTrue(running.context.count("spilled") >= 170, running.context.counters() + "");
    store.down = false;
    pass(10);
    assertEquals(200, store.sum().requests());
    assertEquals(0, running.context.count("dropped"));
  }

  @Test
  void aFolderThatIsFullLosesItsOldest(@TempDir Path folder) {
    Ledger options =
        small(20).withOutbox(new Ledger.OutboxOptions(20, 5, Duration.ofMillis(200), "", 65_536));
    Running running = start(options, folder);
    store.down = true;
    for (int i = 0; i < 50; i++) {
      end(running, 10, CENT);
      pass(0.2);
    }
    store.down = false;
    pass(10);
    long dropped = running.context.count("dropped");
    assertTrue(dropped > 0, running.context.counters() + "");
    assertEquals(500, dropped + store.sum().requests());
  }

  @Test
  void recordsAndBudgetsOutliveTheProcess(@TempDir Path folder) {
    store.limit(DOLLAR, "me");
    store.issue(new IssuedKey("k", "0".repeat(64), "acme", 1, List.of()), "me");
    Running first = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    store.down = true;
    end(first, 3, CENT);
    pass(1); // it is killed: nothing is closed

    Running second = restart(first, folder);
    pass(1);
    assertNotNull(second.section.find("0".repeat(64)), "keys are known while the store is down");
    Account account = second.section.budgets().accounts().getFirst();
    assertEquals(3 * CENT, account.spent());
    long most = account.granted();
    assertTrue(most > 3 * CENT && most <= 20 * CENT, "granted " + most);
    int more = 0;
    while (second.section.begins(request()) == null && more < 1000) {
      end(second, 1, CENT);
      more++;
    }
    assertTrue((3 + more) * CENT < most + CENT, "spent " + (3 + more) + " cents of " + most);

    store.down = false;
    pass(10);
    assertEquals(3 + more, store.sum().requests());
    assertEquals(0, store.records.audit(today(), today()).result().getFirst().driftRequests());
  }

  private Running restart(Running before, Path folder) {
    before.section.crash();
    return start(Ledger.in(MemoryLedger.defaults()), folder);
  }

  @Test
  void aBudgetHoldsWithTwoGatewaysAndIsUsedUp() {
    store.limit(DOLLAR, "me");
    List<Running> gateways = List.of(start("one"), start("two"));
    pass(1);
    int spent = 0;
    for (int i = 0; i < 2000; i++) {
      Running running = gateways.get(i % 3 == 0 ? 0 : 1);
      if (running.section.begins(request()) == null) {
        end(running, 1, CENT);
        spent++;
      }
      pass(0.05);
    }
    assertTrue(spent <= 101, "spent " + spent + " cents");
    assertTrue(spent >= 99, "spent " + spent + " cents");
    Failure refused = gateways.get(0).section.begins(request());
    assertNotNull(refused);
    assertEquals(Status.REFUSED, refused.status());
    assertEquals("budget_exceeded", refused.reason());
  }

  @Test
  void aBudgetHoldsWhileTheStoreIsDown() {
    store.limit(DOLLAR, "me");
    List<Running> gateways = List.of(start("one"), start("two"));
    pass(1);
    store.down = true;
    int spent = 0;
    for (int i = 0; i < 1000; i++) {
      Running running = gateways.get(i % 2);
      if (running.section.begins(request()) == null) {
        end(running, 1, CENT);
        spent++;
      }
      pass(0.05);
    }
    assertTrue(spent > 10 && spent <= 101, "spent " + spent + " cents");
    store.down = false;
    pass(10);
    for (int i = 0; i < 2000; i++) {
      Running running = gateways.get(i % 2);
      if (running.section.begins(request()) == null) {
        end(running, 1, CENT);
        spent++;
      }
      pass(0.05);
    }
    assertTrue(spent >= 99 && spent <= 102, "spent " + spent + " cents");
  }

  @Test
  void aKeyIsKnownAndRevokedEverywhereWithinASecond() {
    List<Running> gateways = List.of(start("one"), start("two"));
    store.issue(new IssuedKey("k", "a".repeat(64), "acme", 1, List.of()), "me");
    pass(1);
    gateways.forEach(each -> assertNotNull(each.section.find("a".repeat(64))));
    store.revoke("k", "me");
    pass(1);
    gateways.forEach(each -> assertNull(each.section.find("a".repeat(64))));
  }

  @Test
  void aNewMonthBeginsWithTheWholeBudget() {
    store.limit(DOLLAR, "me");
    Duration seldom = Duration.ofSeconds(60); // so that a month has few events
    Ledger options =
        Ledger.in(MemoryLedger.defaults())
            .withRefresh(seldom)
            .withOutbox(new Ledger.OutboxOptions(1000, 5, seldom, "", 65_536));
    Running running = start(options, null);
    pass(1);
    int spent = 0;
    while (running.section.begins(request()) == null && spent < 200) {
      end(running, 1, CENT);
      spent++;
      pass(1);
    }
    assertTrue(spent <= 101, "spent " + spent + " cents");
    pass(32 * 86_400.0);
    assertNull(running.section.begins(request()));
    assertEquals(0, running.section.budgets().accounts().getFirst().spent());
  }

  @Test
  void endedRequestsThatUsedNothingAreLeftOutIfToldSo() {
    Running running = start(Ledger.in(MemoryLedger.defaults()).withFailures(false), null);
    Outcome refused =
        Outcome.failed(Failure.saturated("queue_full", "full"), time.nanos(), time.nanos());
    running.section.ended(new Ended(request(), refused, "", "", "", 1));
    end(running, 1, 0);
    pass(1);
    assertEquals(1, store.sum().requests());
  }

  @Test
  void closingGivesTheStoreWhatWaits() {
    Running running = start("one");
    end(running, 7, CENT);
    List<Future<Void>> closed = new ArrayList<>();
    time.execute(() -> closed.add(running.section.close()));
    pass(1);
    assertTrue(closed.getFirst().succeeded());
    assertEquals(7, store.sum().requests());
  }

  /** Spends cents in turn, until all gateways refuse, at most so many; how many it spent. */
  private int spend(int most, Running... gateways) {
    int spent = 0;
    int refused = 0;
    for (int i = 0; refused < 40 * gateways.length && spent < most; i++) {
      Running each = gateways[i % gateways.length];
      boolean open = each.section.begins(request()) == null;
      if (open) {
        end(each, 1, CENT);
        spent++;
      }
      refused = open ? 0 : refused + 1;
      pass(0.05);
    }
    return spent;
  }

  @Test
  void aNewBudgetLetsNothingInBeforeAGrant() {
    Running one = start("one");
    Running two = start("two");
    store.grantsNothing = true;
    store.limit(DOLLAR, "me");
    pass(1);
    assertEquals(0, spend(500, one, two));
    Failure refused = one.section.begins(request());
    assertNotNull(refused);
    assertTrue(String.valueOf(refused.getMessage()).contains("no part of it is free"));
    store.grantsNothing = false;
    int spent = spend(500, one, two);
    assertTrue(spent >= 99 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void aNewBudgetRefusesNobodyWhoseRequestsItHasRoomFor() {
    Running running = start("one");
    store.delayNanos = 200_000_000L;
    pass(1);
    store.limit(DOLLAR, "me");
    for (int i = 0; i < 200; i++) {
      assertNull(running.section.begins(request()), "request " + i);
      pass(0.01);
    }
    assertEquals(1, running.section.budgets().accounts().size());
  }

  @Test
  void manyNewBudgetsHaveTheirGrantsSoon() {
    for (int i = 0; i < 1000; i++) {
      store.limit(new Budget(Budget.Scope.TENANT, "t" + i, Budget.Unit.TOKENS, 1000), "me");
    }
    store.limit(DOLLAR, "me");
    Running running = start("one");
    pass(0.1);
    assertNotNull(running.section.begins(request()), "a thousand others come first");
    pass(0.01);
    assertNull(running.section.begins(request()), "what was refused comes first next time");
    pass(10);
    assertTrue(running.section.budgets().accounts().stream().allMatch(Account::open));
  }

  @Test
  void aLoweredBudgetHoldsBeforeTheRegisterAnswers() {
    store.limit(DOLLAR, "me");
    Running running = start("one");
    pass(1);
    store.grantsNothing = true;
    store.limit(new Budget(DOLLAR.scope(), DOLLAR.of(), DOLLAR.unit(), 5 * CENT), "me");
    pass(1);
    int spent = spend(500, running);
    assertTrue(spent >= 1 && spent <= 5, "spent " + spent + " cents of 5");
    store.limit(new Budget(DOLLAR.scope(), DOLLAR.of(), DOLLAR.unit(), 50 * CENT), "me");
    store.grantsNothing = false;
    pass(1);
    spent += spend(500, running);
    assertTrue(spent >= 49 && spent <= 51, "spent " + spent + " cents of 50");
  }

  @Test
  void aBudgetHoldsWhileTheRegisterIsSlow() {
    store.limit(DOLLAR, "me");
    Running one = start("one");
    Running two = start("two");
    pass(1);
    store.delayNanos = 12_000_000_000L;
    int spent = 0;
    for (int round = 0; round < 30; round++) {
      spent += spend(500, one, two);
      pass(15);
    }
    assertTrue(spent >= 95 && spent <= 102, "spent " + spent + " cents");
  }

  @Test
  void whatAGatewayNoLongerWantsItLeavesAloneBeforeItSaysSo() {
    Account account = new Account(DOLLAR, "2026-11");
    account.request();
    account.grant(new KeyRegister.Grant(DOLLAR.id(), "2026-11", 90 * CENT, 0, 0));
    KeyRegister.Request asked = account.request();
    assertNotNull(asked);
    assertEquals(asked.spent() + asked.more(), account.granted());
    account.unanswered();
    KeyRegister.Request again = account.request();
    assertNotNull(again);
    assertEquals(asked.more(), again.more(), "without an answer it gives back more and more");
  }

  @Test
  void aGatewayThatIsKilledLosesItsGrantAndNotTheBudget() {
    store.limit(DOLLAR, "me");
    int spent = 0;
    for (int start = 0; start < 12; start++) { // of one name, without a folder
      Running running = start("one");
      pass(0.6);
      store.down = true; // so it cannot say what it spent
      spent += spend(7, running);
      running.section.crash();
      store.down = false;
    }
    assertTrue(spent > 40, "spent " + spent + " cents");
    spent += spend(500, start("two"));
    assertTrue(spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void aGatewayThatEndsGivesBackWhatItHas() {
    store.limit(DOLLAR, "me");
    Running one = start("one");
    pass(1);
    int spent = spend(5, one);
    time.execute(one.section::close);
    pass(5);
    spent += spend(500, start("one"));
    assertTrue(spent >= 100 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void twoGatewaysOfOneNameHoldABudget() {
    store.limit(DOLLAR, "me");
    int spent = spend(500, start("same"), start("same"));
    assertTrue(spent >= 99 && spent <= 101, "spent " + spent + " cents");
  }

  /** Until a time before the end of the month, with few events. */
  private void passUntilBeforeTheMonthEnds(double seconds) {
    long now = time.epochMillis();
    pass((Month.of(now).ends() - now) / 1e3 - seconds);
  }

  private Running slow(String gateway) {
    Duration seldom = Duration.ofSeconds(60);
    return start(
        Ledger.in(MemoryLedger.defaults())
            .withGateway(gateway)
            .withRefresh(seldom)
            .withOutbox(new Ledger.OutboxOptions(1000, 5, seldom, "", 65_536)),
        null);
  }

  @Test
  void aMonthThatBeginsWithoutTheStoreHasPartsThatWereAskedForBefore() {
    store.limit(DOLLAR, "me");
    Running one = slow("one");
    Running two = slow("two");
    passUntilBeforeTheMonthEnds(600);
    store.down = true;
    passUntilBeforeTheMonthEnds(5);
    String before = one.section.budgets().accounts().getFirst().month();
    pass(5.001);
    assertTrue(before.compareTo(one.section.budgets().accounts().getFirst().month()) < 0, before);
    int spent = spend(500, one, two);
    assertTrue(spent >= 10 && spent <= 50, "without the store: " + spent + " cents");
    store.down = false;
    pass(200);
    for (int i = 0; i < 20; i++) {
      spent += spend(500, one, two);
      pass(120);
    }
    assertTrue(spent >= 98 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void aMonthThatBeginsLongAfterTheStoreWentLetsNothingIn() {
    store.limit(DOLLAR, "me");
    Running running = slow("one");
    passUntilBeforeTheMonthEnds(7200);
    store.down = true;
    assertNull(running.section.begins(request()), "what it was granted holds");
    passUntilBeforeTheMonthEnds(0);
    end(running, 3, CENT); // it began before
    pass(1);
    assertNotNull(running.section.begins(request()));
    store.down = false;
    pass(120);
    assertNull(running.section.begins(request()));
    assertEquals(3 * CENT, running.section.budgets().accounts().getFirst().spent());
  }

  @Test
  void aGatewayThatKnowsNothingYetRefusesUnlessItIsToldNotTo() {
    store.limit(DOLLAR, "me");
    store.down = true;
    Running strict = start("one");
    Running open = start(Ledger.in(MemoryLedger.defaults()).withKnownFirst(false), null);
    pass(1);
    assertNull(open.section.begins(request()), "it knows of no budget");
    assertTrue(open.section.ready());
    Failure refused = strict.section.begins(request());
    assertNotNull(refused);
    assertEquals("ledger_unread", refused.reason());
    assertEquals(503, refused.callerStatus());
    assertEquals(1_000_000_000L, refused.retryAfterNanos());
    assertFalse(strict.section.ready());
    store.down = false;
    pass(1);
    assertNull(strict.section.begins(request()));
    assertTrue(strict.section.ready());
  }

  @Test
  void aBudgetHoldsIfTheStoreIsDownWhenGatewaysStart() {
    store.limit(DOLLAR, "me");
    store.down = true;
    Running one = start("one");
    Running two = start("two");
    pass(1);
    assertEquals(0, spend(500, one, two), "cents before the first read");
    store.down = false;
    pass(1);
    int spent = spend(500, one, two);
    assertTrue(spent >= 99 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void aFolderOfAnEarlierStartIsEnoughToBegin(@TempDir Path folder) {
    store.issue(new IssuedKey("old", "1".repeat(64), "acme", 1, List.of()), "me");
    Running first = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    assertTrue(first.section.allRead());
    store.issue(new IssuedKey("new", "2".repeat(64), "acme", 1, List.of()), "me");
    store.down = true;
    Running second = restart(first, folder);
    pass(1);
    assertNull(second.section.begins(request()));
    assertNotNull(second.section.find("1".repeat(64)));
    assertNull(second.section.find("2".repeat(64)));
    assertFalse(second.section.allRead(), "a key that it does not know may be one");
    store.down = false;
    pass(1);
    assertTrue(second.section.allRead());
    assertNotNull(second.section.find("2".repeat(64)));
  }

  @Test
  void whatWasAskedForLaterHoldsIfItIsThereEarlier() {
    store.issue(new IssuedKey("k", "b".repeat(64), "acme", 1, List.of()), "me");
    Running running = start("one");
    pass(1);
    store.limit(DOLLAR, "me"); // so there is something to read
    store.delayNanos = 2_000_000_000L;
    pass(0.6); // a question that is answered late, with the key
    store.delayNanos = 0;
    store.revoke("k", "me");
    running.section.reread();
    assertNull(running.section.find("b".repeat(64)));
    pass(0.1);
    store.down = true; // so that nothing is read again
    pass(3);
    assertNull(running.section.find("b".repeat(64)), "a revoked key comes back");
  }

  @Test
  void batchesGrowWhileTheyWait(@TempDir Path folder) throws IOException {
    Running running = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    store.down = true;
    for (int i = 0; i < 600; i++) {
      end(running, 1, CENT);
      pass(0.2);
    }
    try (Stream<Path> files = Files.list(folder)) {
      long batches = files.filter(each -> each.toString().endsWith(".jsonl")).count();
      assertTrue(batches <= 3, batches + " files");
    }
    store.down = false;
    int before = store.appends;
    pass(10);
    assertEquals(600, store.sum().requests());
    assertTrue(store.appends - before <= 3, store.appends - before + " questions");
  }

  @Test
  void recordsThatCameToABatchAfterANoteAreCountedOnce(@TempDir Path folder) {
    store.limit(DOLLAR, "me");
    Running first = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    store.down = true;
    for (int i = 0; i < 7; i++) { // into one batch, with a note of each
      end(first, 1, CENT);
      pass(0.25);
    }
    Running second = restart(first, folder);
    pass(1);
    assertEquals(7 * CENT, second.section.budgets().accounts().getFirst().spent());
    assertEquals(7.0, second.context.gauges().get("waiting_records"));
  }

  @Test
  void aFileThatIsTakenAwayIsLostAndTheRestArrives(@TempDir Path folder) throws IOException {
    Running running = start(small(20), folder);
    store.down = true;
    for (int i = 0; i < 10; i++) {
      end(running, 10, CENT);
      pass(0.2);
    }
    List<Path> batches;
    try (Stream<Path> files = Files.list(folder)) {
      batches = files.filter(each -> each.toString().endsWith(".jsonl")).sorted().toList();
    }
    Files.delete(batches.get(batches.size() - 2));
    Files.write(batches.getLast(), new byte[] {(byte) 0xff, '\n'}); // no text, and no record
    store.down = false;
    pass(10);
    assertEquals(90, store.sum().requests());
    assertEquals(10, running.context.count("dropped"));
    assertEquals(0.0, running.context.gauges().get("waiting_records"));
    assertEquals(0.0, running.context.gauges().get("oldest_seconds"));
  }

  @Test
  void aRevokedKeyDoesNotWaitForTheGrantsOfNewBudgets() {
    store.issue(new IssuedKey("k", "c".repeat(64), "acme", 1, List.of()), "me");
    Running running = start("one");
    pass(1);
    store.slowGrants = true;
    store.limit(DOLLAR, "me");
    pass(0.6); // now it waits for a grant
    store.revoke("k", "me");
    pass(2);
    assertNull(running.section.find("c".repeat(64)));
    assertNotNull(running.section.begins(request()), "a budget without a grant is open");
    pass(20);
    assertNull(running.section.begins(request()), "a late grant is none");
  }

  @Test
  void aNewFolderIsItsOwnersOnly(@TempDir Path folder) throws IOException {
    start(Ledger.in(MemoryLedger.defaults()), folder.resolve("outbox"));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("outbox"))));
  }

  @Test
  void whatWasGivenBackIsNotSpentAfterARestart(@TempDir Path folder) {
    store.limit(DOLLAR, "me");
    Ledger seldom =
        Ledger.in(MemoryLedger.defaults())
            .withOutbox(new Ledger.OutboxOptions(1000, 5, Duration.ofSeconds(60), "", 1 << 20));
    Running one = start(seldom, folder);
    Running two = start("two");
    pass(61); // so that what one was granted is noted
    int spent = spend(500, two);
    end(one, 1, CENT); // so that it learns that little is left, and gives the most back
    spent++;
    pass(2);
    spent += spend(500, two);
    store.down = true;
    Running again = restart(one, folder);
    pass(1);
    spent += spend(500, again);
    assertTrue(spent >= 85 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void whatIsGivenBackAtTheEndIsNotSpentAfterAKill(@TempDir Path folder) {
    store.limit(DOLLAR, "me");
    Running one = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    store.delayNanos = 500_000_000L;
    time.execute(one.section::close);
    pass(0.1); // it has said so, and has no answer
    one.section.crash();
    store.delayNanos = 0;
    int spent = spend(500, start("two"));
    store.down = true;
    Running again = start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(1);
    spent += spend(500, again);
    assertTrue(spent >= 95 && spent <= 101, "spent " + spent + " cents");
  }

  @Test
  void notesThatCannotBeReadCostNoRecord(@TempDir Path folder) throws IOException {
    for (String broken : List.of("{", "[]", "null", "{\"through\":\"x\"}", "\u0000")) {
      for (String note : List.of("known.json", "spent.json", "counted.json")) {
        store.down = true;
        Path own = folder.resolve(Integer.toHexString((note + broken).hashCode()));
        Running first = start(Ledger.in(MemoryLedger.defaults()), own);
        end(first, 7, CENT);
        pass(1);
        Files.writeString(own.resolve(note), broken);
        Running second = restart(first, own);
        end(second, 5, CENT);
        pass(1);
        long before = store.sum().requests();
        store.down = false;
        pass(10);
        assertEquals(12, store.sum().requests() - before, note + ": " + broken);
        second.section.crash();
      }
    }
  }

  @Test
  void aNoteThatCannotBeOpenedCostsNoRecord(@TempDir Path folder) throws IOException {
    store.down = true;
    Running first = start(Ledger.in(MemoryLedger.defaults()), folder);
    end(first, 7, CENT);
    pass(1);
    Files.deleteIfExists(folder.resolve("known.json"));
    Files.createDirectory(folder.resolve("known.json")); // reading it fails
    Running second = restart(first, folder);
    end(second, 5, CENT);
    pass(1);
    store.down = false;
    pass(10);
    assertEquals(5, store.sum().requests());
    second.section.crash();
    Files.delete(folder.resolve("known.json"));
    start(Ledger.in(MemoryLedger.defaults()), folder);
    pass(10);
    assertEquals(12, store.sum().requests(), "those of the first wait in the folder");
  }

  @Test
  void linesThatCannotBeReadAfterARestartAreCounted(@TempDir Path folder) throws IOException {
    store.down = true;
    Running first = start(Ledger.in(MemoryLedger.defaults()), folder);
    end(first, 5, CENT);
    pass(1);
    Path batch;
    try (Stream<Path> files = Files.list(folder)) {
      batch = files.filter(each -> each.toString().endsWith(".jsonl")).findFirst().orElseThrow();
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(batch));
    lines.set(1, lines.get(1).substring(9));
    lines.set(3, "{}");
    Files.write(batch, lines);
    Running second = restart(first, folder);
    store.down = false;
    pass(10);
    assertEquals(3, store.sum().requests());
    assertEquals(2, second.context.count("dropped"));
  }

  @Test
  void aClockThatGoesBackToTheMonthBeforeDoesNotOpenABudget() {
    Account account = new Account(DOLLAR, "2026-11");
    account.request();
    account.grant(new KeyRegister.Grant(DOLLAR.id(), "2026-11", 90 * CENT, 60 * CENT, 0));
    account.turn("2026-12");
    account.request();
    account.grant(new KeyRegister.Grant(DOLLAR.id(), "2026-12", 100 * CENT, 0, 0));
    account.turn("2026-11");
    assertFalse(account.open(), "it is open without a grant of this month");
    KeyRegister.Request asked = account.request();
    assertNotNull(asked);
    assertEquals("2026-11", asked.month());
    account.grant(new KeyRegister.Grant(DOLLAR.id(), "2026-11", 90 * CENT, 60 * CENT, 0));
    assertEquals(60 * CENT, account.spent());
    assertTrue(account.open());
  }

  @Test
  void aFolderThatCannotBeWrittenFillsInMemoryAndSaysSo(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    Running running = start(small(20), file);
    store.down = true;
    end(running, 100, CENT);
    pass(2);
    Double fill = running.context.gauges().get("fill_ratio");
    assertTrue(fill != null && fill >= 0.8, "fill ratio " + fill);
    store.down = false;
    pass(10);
    assertEquals(100, store.sum().requests() + running.context.count("dropped"));
  }

  @Test
  void pricesWithoutMeasureCloseABudgetAndAreRecorded() {
    store.limit(DOLLAR, "me");
    Running running = start("one");
    pass(1);
    for (double usd : new double[] {1e300, Double.POSITIVE_INFINITY, 1e18, Double.NaN, -5, 0}) {
      Timings timings = new Timings(time.nanos(), time.nanos(), time.nanos());
      Outcome outcome = Outcome.ok(new Usage(10, 0, 5, 0), timings).withCost(usd);
      running.section.ended(new Ended(request(), outcome, "backend", "miss", "", 12_000_000));
      assertNotNull(running.section.begins(request()), "open after USD " + usd);
    }
    pass(1);
    assertEquals(6, store.sum().requests());
    assertTrue(store.sum().nanodollars() > 0, store.sum().toString());
  }
}
