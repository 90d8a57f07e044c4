package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageSum;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gateways whose real server stands, is killed and comes back. */
class OutageTest {

  private static final long CENT = 10_000_000;
  private static final MariaDb SERVER = Servers.server("outages");
  private static final MysqlLedger LEDGER =
      Servers.ledger(Servers.database("a", SERVER)).withTimeout(Duration.ofSeconds(2));

  private static long recorded(RunningLedger gateway, String tenant) {
    LocalDate day = UsageQuery.day(System.currentTimeMillis());
    return gateway
        .on(
            () ->
                gateway.store().sums(new UsageQuery(tenant, day.minusDays(1), day, Grouping.MODEL)))
        .stream()
        .mapToLong(UsageSum::requests)
        .sum();
  }

  private static List<Audited> audit(RunningLedger gateway, String tenant) {
    LocalDate day = UsageQuery.day(System.currentTimeMillis());
    return gateway.on(() -> gateway.store().audit(day.minusDays(1), day)).stream()
        .filter(each -> each.recorded().tenant().equals(tenant))
        .toList();
  }

  @Test
  void noRecordIsLostOrDoubledAndNoRequestWaits() throws IOException {
    String tenant = "outage" + System.nanoTime();
    int ended = 0;
    long slowest = 0;
    try (RunningLedger gateway = new RunningLedger("outages", LEDGER, null, 1).known()) {
      for (int round = 0; round < 4; round++) {
        if (round == 1) {
          SERVER.pause();
        } else if (round == 2) {
          SERVER.resume();
          SERVER.kill();
        } else if (round == 3) {
          SERVER.restart();
        }
        for (int i = 0; i < 1000; i++) {
          long began = System.nanoTime();
          assertTrue(gateway.request(tenant, "user-" + i, 100), "refused in round " + round);
          slowest = Math.max(slowest, System.nanoTime() - began);
          ended++;
        }
        if (round == 1) {
          long before = gateway.count("failures");
          Servers.until("a batch that fails", 60, () -> gateway.count("failures") > before);
        }
      }
      int all = ended;
      Servers.until("all records", 60, () -> gateway.count("arrived") == all);
      assertEquals(all, recorded(gateway, tenant));
      assertEquals(0, gateway.count("dropped"));
      Servers.until(
          "drift 0",
          60,
          () -> audit(gateway, tenant).stream().allMatch(each -> each.driftRequests() == 0));
      System.out.printf("slowest end of a request: %.1f ms%n", slowest / 1e6);
    }
  }

  @Test
  void recordsFromBeforeTheServerIsThereArriveIfRequestsMayComeBefore() throws IOException {
    String tenant = "early" + System.nanoTime();
    SERVER.kill();
    try (RunningLedger gateway = new RunningLedger("early", LEDGER, null, 1, false)) {
      for (int i = 0; i < 1000; i++) {
        assertTrue(gateway.request(tenant, "user-" + i, 100));
      }
      SERVER.restart();
      Servers.until("all records", 60, () -> gateway.count("arrived") == 1000);
      assertEquals(1000, recorded(gateway, tenant));
    }
  }

  @Test
  void aBudgetHoldsIfTheServerIsNotThereWhenGatewaysStart() throws IOException {
    String tenant = "late" + System.nanoTime();
    Budget dollar = new Budget(Budget.Scope.TENANT, tenant, Budget.Unit.NANODOLLARS, 100 * CENT);
    try (RunningLedger before = new RunningLedger("before", LEDGER, null, 1).known()) {
      before.on(() -> before.store().register().limit(dollar, "test"));
    }
    SERVER.kill();
    try (RunningLedger one = new RunningLedger("one", LEDGER, null, 1);
        RunningLedger two = new RunningLedger("two", LEDGER, null, 2)) {
      assertEquals(0, spend(one, tenant) + spend(two, tenant), "without the server");
      assertFalse(one.keys().allRead());
      SERVER.restart();
      one.known();
      two.known();
      int spent = 0;
      long end = System.nanoTime() + 20_000_000_000L;
      while (spent < 100 && System.nanoTime() < end) {
        spent += spend(one, tenant) + spend(two, tenant);
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
      assertTrue(spent >= 95 && spent <= 102, "with the server: " + spent + " cents");
    }
  }

  @Test
  void aBudgetHoldsWithTwoGatewaysWithoutTheServerAndAcrossARestart(@TempDir Path folder)
      throws IOException {
    String tenant = "acme" + System.nanoTime();
    Budget dollar = new Budget(Budget.Scope.TENANT, tenant, Budget.Unit.NANODOLLARS, 100 * CENT);
    int spent = 0;
    try (RunningLedger two = new RunningLedger("two", LEDGER, folder.resolve("2").toString(), 2)) {
      try (RunningLedger one =
          new RunningLedger("one", LEDGER, folder.resolve("1").toString(), 1)) {
        Servers.until("ready", 60, () -> two.gauge("ready") == 1);
        two.on(() -> two.store().register().limit(dollar, "test"));
        long all = Servers.number(SERVER, "SELECT COUNT(*) FROM budgets"); // those of others too
        Servers.until("budgets", 30, () -> budgets(one) == all && budgets(two) == all);
        Servers.until("time", 10, granted(tenant));
        SERVER.kill();
        spent += spend(one, tenant) + spend(two, tenant);
        assertTrue(spent > 0 && spent <= 100, "without the server: " + spent + " cents");
      }
      try (RunningLedger again =
          new RunningLedger("one", LEDGER, folder.resolve("1").toString(), 3)) {
        Servers.until("what it knew", 30, () -> budgets(again) >= 1);
        spent += spend(again, tenant);
        assertTrue(spent <= 102, "after a restart: " + spent + " cents");
        SERVER.restart();
        long end = System.nanoTime() + 20_000_000_000L;
        while (spent < 100 && System.nanoTime() < end) {
          spent += spend(again, tenant) + spend(two, tenant);
          java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        assertTrue(spent >= 95 && spent <= 102, "with the server: " + spent + " cents");
        int cents = spent;
        Servers.until("all records", 60, () -> recorded(two, tenant) == cents);
      }
    }
  }

  /** Whether both have something to spend; in the last hour of a month also of the next one. */
  private static Servers.Condition granted(String tenant) {
    return () ->
        Servers.number(
                SERVER,
                "SELECT COUNT(DISTINCT gateway) FROM budget_grants WHERE granted > 0 AND budget"
                    + " LIKE '%"
                    + tenant
                    + "'")
            == 2;
  }

  private static double budgets(RunningLedger gateway) {
    return gateway.gauge("budgets");
  }

  /** Spends cents until it is refused. */
  private static int spend(RunningLedger gateway, String tenant) {
    int spent = 0;
    while (spent < 500 && gateway.request(tenant, "u", CENT)) {
      spent++;
    }
    return spent;
  }

  @Test
  void aRevokedKeyIsRefusedEverywhereWithinTwoSeconds() {
    String hash = "%064x".formatted(System.nanoTime());
    IssuedKey key = new IssuedKey("k" + System.nanoTime(), hash, "acme", 1, List.of());
    try (RunningLedger one = new RunningLedger("r1", LEDGER, null, 1);
        RunningLedger two = new RunningLedger("r2", LEDGER, null, 2)) {
      one.on(() -> one.store().register().issue(key, "test"));
      Servers.until("known", 30, () -> two.keys().find(hash) != null);
      assertNotNull(two.keys().find(hash));
      long began = System.nanoTime();
      one.on(() -> one.store().register().revoke(key.id(), "test"));
      Servers.until(
          "refused", 30, () -> one.keys().find(hash) == null && two.keys().find(hash) == null);
      System.out.printf("refused everywhere after %.2f s%n", (System.nanoTime() - began) / 1e9);
      assertNull(two.keys().find(hash));
    }
  }
}
