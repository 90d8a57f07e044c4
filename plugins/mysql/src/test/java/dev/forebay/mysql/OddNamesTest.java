package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.MariaDb;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.ledger.KeyRegister.Request;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageLedger.Total;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Names that callers may send: a record that no database takes would keep all others waiting. */
class OddNamesTest {

  private static final MariaDb SERVER = Servers.server("names");
  private static final EventLoopStage STAGE = new EventLoopStage(Servers.VERTX, 1);
  private static final UsageLedger LEDGER =
      Servers.ledger(Servers.database("a", SERVER))
          .withTimeout(Duration.ofSeconds(25))
          .create(STAGE.context());
  private static final List<String> NAMES =
      List.of(
          "it's",
          "a \"quote\"",
          "back\\slash",
          "'; DROP TABLE usage_records; --",
          "\u00fcn\u00ef \ud83d\ude00",
          "\ud83d\ude00".repeat(300),
          "x".repeat(300),
          "nul \u0000 in it",
          "line\nbreak\t\u2028",
          "blank ",
          "blank",
          "\u202egnirts",
          "\u6771\u4eac",
          "%s {0} ? ${x}",
          "");

  @BeforeAll
  static void begin() {
    STAGE.await(
        () -> {
          LEDGER.prepare();
          return LEDGER.append(List.of(Records.of("first", 0)));
        });
  }

  @AfterAll
  static void end() {
    STAGE.await(LEDGER::close);
  }

  private static UsageRecord named(String id, String tenant, String user) {
    return new UsageRecord(
        id,
        1_796_000_000_000L,
        tenant,
        user,
        user,
        user,
        user,
        new Usage(10, 0, 5, 0),
        7,
        Status.OK,
        1,
        user,
        user);
  }

  @Test
  void recordsOfAnyNameArriveAndAreFound() {
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      records.add(named("odd-" + i, "odd", NAMES.get(i)));
    }
    Future<Void> added = STAGE.await(() -> LEDGER.append(records));
    assertTrue(added.succeeded(), String.valueOf(added.cause()));
    UsageRecord half = named("odd-half", "odd", "half \ud83d");
    Future<Void> taken = STAGE.await(() -> LEDGER.append(List.of(half)));
    assertTrue(taken.succeeded(), String.valueOf(taken.cause()));
    for (UsageRecord each : records) {
      Future<List<UsageRecord>> found =
          STAGE.await(() -> LEDGER.ofUser(each.tenant(), each.user(), 100));
      assertTrue(found.succeeded(), String.valueOf(found.cause()));
      assertTrue(found.result().contains(each), each + " in " + found.result());
      assertTrue(
          found.result().stream().allMatch(other -> other.user().equals(each.user())),
          found.result().toString());
    }
    LocalDate day = UsageQuery.day(1_796_000_000_000L);
    for (Grouping by : List.of(Grouping.USER, Grouping.MODEL, Grouping.KEY)) {
      Future<List<UsageSum>> sums =
          STAGE.await(() -> LEDGER.sums(new UsageQuery("odd", day, day, by)));
      for (UsageRecord each : records) {
        long same = records.stream().filter(other -> by.of(other).equals(by.of(each))).count();
        UsageSum sum =
            sums.result().stream()
                .filter(some -> some.group().equals(by.of(each)))
                .findFirst()
                .orElseThrow(() -> new AssertionError(by + " of " + each));
        assertEquals(same, sum.requests(), by + ": " + sum);
      }
    }
  }

  @Test
  void budgetsOfNamesThatDifferInBlanksAreTwo() {
    Budget one = new Budget(Budget.Scope.TENANT, "acme", Budget.Unit.TOKENS, 5);
    STAGE.await(() -> LEDGER.register().limit(one, "me"));
    for (String other : List.of("acme ", " acme", "Acme", "acm\u00e9", "\u6771\u4eac")) {
      try {
        Budget budget = new Budget(Budget.Scope.TENANT, other, Budget.Unit.TOKENS, 500);
        STAGE.await(() -> LEDGER.register().limit(budget, "me"));
      } catch (IllegalArgumentException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("expected"), e.toString());
      }
    }
    Future<Optional<Known>> known = STAGE.await(() -> LEDGER.register().known(-1));
    assertTrue(known.result().orElseThrow().budgets().contains(one), known.result().toString());
  }

  @Test
  void aBudgetOfAnyNameIsGranted() {
    for (String name : List.of("\u6771\u4eac", "it's \ud83d\ude00")) {
      Budget budget = new Budget(Budget.Scope.TENANT, name, Budget.Unit.TOKENS, 500);
      STAGE.await(() -> LEDGER.register().limit(budget, "me"));
      Request request = new Request(budget.id(), "2026-11", 0, 7);
      Future<List<Grant>> granted =
          STAGE.await(() -> LEDGER.register().grant("gateway", List.of(request)));
      assertEquals(List.of(new Grant(budget.id(), "2026-11", 7, 0, 493)), granted.result(), name);
      Total total = new Total(LocalDate.of(2026, 10, 1), name, 1, 2, 3);
      STAGE.await(() -> LEDGER.counted("counter", List.of(total)));
      Future<List<Audited>> audited = STAGE.await(() -> LEDGER.audit(total.day(), total.day()));
      assertTrue(
          audited.result().stream().anyMatch(each -> each.counted().equals(total)),
          audited.result().toString());
    }
  }
}
