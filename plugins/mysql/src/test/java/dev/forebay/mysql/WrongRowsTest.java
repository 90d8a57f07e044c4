package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.ledger.KeyRegister.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of keys and budgets that somebody wrote by hand: one that is wrong costs no other. */
class WrongRowsTest {

  private static final MariaDb SERVER = Servers.server("wrong rows");
  private static final MysqlLedger LEDGER =
      Servers.ledger(Servers.database("a", SERVER)).withTimeout(Duration.ofSeconds(20));
  private static final String MONTH = "2030-01";

  private RunningLedger gateway = new RunningLedger("rows", LEDGER, null, 1).known();

  @BeforeEach
  void noRows() {
    Servers.ask(SERVER, "ALTER TABLE budgets MODIFY amount BIGINT NULL");
    Servers.ask(SERVER, "ALTER TABLE api_keys MODIFY tenant VARCHAR(64) NULL");
    Servers.ask(SERVER, "DELETE FROM budgets");
    Servers.ask(SERVER, "DELETE FROM api_keys");
    changed();
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  /** Tells the gateways that rows were changed by hand. */
  private static void changed() {
    Servers.ask(SERVER, "UPDATE register_version SET version = version + 1");
  }

  private Known known() {
    Optional<Known> known = gateway.on(() -> gateway.store().register().known(-1));
    return known.orElseThrow();
  }

  private static void budget(String id, String scope, String whose, String unit, String amount) {
    Servers.ask(
        SERVER,
        "INSERT INTO budgets (id, scope, whose, unit, amount) VALUES ('%s', '%s', '%s', '%s', %s)"
            .formatted(id, scope, whose, unit, amount));
  }

  private static void key(String id, String sha256, String rest) {
    Servers.ask(
        SERVER,
        "INSERT INTO api_keys (id, sha256, tenant, priority, models) VALUES ('%s', '%s', %s)"
            .formatted(id, sha256, rest));
  }

  private static String hash(String digits) {
    return digits.repeat(64).substring(0, 64);
  }

  @Test
  void aKeyThatIsWrongLetsNobodyInAndAllOthersHold() {
    try (LogLines log = new LogLines()) {
      key("good", hash("a"), "'acme', 1, 'm1,m2'");
      key("upper", hash("B"), "'acme', 1, ''");
      key("short", "abc", "'acme', 1, ''");
      key("nobody", hash("c"), "'', 1, ''");
      key("null", hash("d"), "NULL, 1, ''");
      key("urgent", hash("e"), "'acme', 9, ''");
      key("blank", hash("f"), "'acme', 1, 'm1, m2'");
      key("two\nlines", hash("1"), "'acme', 1, ''");
      changed();
      Servers.until("the good key", 30, () -> gateway.keys().find(hash("a")) != null);
      assertEquals(
          List.of(new IssuedKey("good", hash("a"), "acme", 1, List.of("m1", "m2"))),
          known().keys());
      for (String wrong : List.of(hash("B"), hash("b"), hash("c"), hash("d"), hash("e"))) {
        assertNull(gateway.keys().find(wrong), wrong);
      }
      assertEquals(7, gateway.gauge("wrong_rows"));
      for (String id : List.of("upper", "short", "nobody", "null", "urgent", "blank")) {
        List<String> lines = log.of("api_keys, row " + id + ": ");
        assertEquals(1, lines.size(), id + ": " + log.all());
        assertTrue(lines.getFirst().contains("(expected: "), lines.getFirst());
      }
      assertEquals(1, log.of("row two?lines: id: ").size(), log.all().toString());
      assertTrue(log.of(hash("B")).isEmpty(), "no hash is logged: " + log.all());

      changed();
      known();
      assertEquals(7, log.of("api_keys, row").size(), "told once: " + log.all());
      Servers.ask(SERVER, "UPDATE api_keys SET tenant = 'acme' WHERE id = 'nobody'");
      changed();
      Servers.until("the mended key", 30, () -> gateway.keys().find(hash("c")) != null);
      assertEquals(6, gateway.gauge("wrong_rows"));
    }
  }

  @Test
  void aBudgetThatIsWrongOpensNothingAndAllOthersHold() {
    try (LogLines log = new LogLines()) {
      budget("tenant:tokens:good", "TENANT", "good", "TOKENS", "500");
      budget("tenant:tokens:less", "TENANT", "less", "TOKENS", "-5");
      budget("tenant:tokens:minus", "TENANT", "minus", "TOKENS", "-1");
      budget("tenant:tokens:null", "TENANT", "null", "TOKENS", "NULL");
      budget("tenant:tokens:much", "TENANT", "much", "TOKENS", "9223372036854775807");
      budget("tenant:tokens:scope", "team", "scope", "TOKENS", "500");
      budget("key:nanodollars:unit", "KEY", "unit", "EURO", "500");
      budget("", "TENANT", "hand", "TOKENS", "500");
      budget("another", "TENANT", "good", "TOKENS", "7");
      budget("nothing", "", "", "", "500");
      changed();
      List<Budget> expected = new ArrayList<>();
      expected.add(new Budget(Budget.Scope.TENANT, "good", Budget.Unit.TOKENS, 500));
      expected.add(new Budget(Budget.Scope.KEY, "unit", Budget.Unit.NANODOLLARS, 0));
      for (String of : List.of("less", "minus", "null", "much", "scope", "hand")) {
        expected.add(new Budget(Budget.Scope.TENANT, of, Budget.Unit.TOKENS, 0));
      }
      List<Budget> found = known().budgets();
      assertEquals(expected.size(), found.size(), found.toString());
      assertTrue(found.containsAll(expected), found.toString());
      Servers.until("told", 30, () -> gateway.gauge("wrong_rows") == 9);
      assertEquals(7, log.of(" lets nothing in").size(), log.all().toString());
      assertEquals(1, log.of("row nothing: scope:  (expected: one of TENANT, KEY)").size());
      assertEquals(1, log.of("row another: id (expected: tenant:tokens:good)").size());

      Servers.until("the budgets", 30, () -> gateway.gauge("budgets") == expected.size());
      Servers.until("the budget that is right", 30, () -> gateway.request("good", "u", 1));
      assertTrue(gateway.request("else", "u", 1), "a tenant without a budget");
      for (String of : List.of("less", "minus", "null", "much", "scope", "hand")) {
        assertFalse(gateway.request(of, "u", 1), of);
      }
      Servers.ask(SERVER, "UPDATE budgets SET amount = 500 WHERE id = 'tenant:tokens:less'");
      changed();
      Servers.until("the mended budget", 30, () -> gateway.request("less", "u", 1));
      Budget set = new Budget(Budget.Scope.TENANT, "scope", Budget.Unit.TOKENS, 500);
      gateway.on(() -> gateway.store().register().limit(set, "me"));
      Servers.until("the budget that was set anew", 30, () -> gateway.request("scope", "u", 1));
    }
  }

  @Test
  void aWrongRowOfABudgetGrantsNothingAndSpoilsNoOther() {
    budget("tenant:tokens:good", "TENANT", "good", "TOKENS", "500");
    budget("tenant:tokens:null", "TENANT", "null", "TOKENS", "NULL");
    budget("tenant:tokens:less", "TENANT", "less", "TOKENS", "-5");
    Servers.ask(
        SERVER,
        "REPLACE INTO budget_grants (budget, month, gateway, granted, spent) VALUES"
            + " ('tenant:tokens:good', '2030-01', 'one', -1000, 0),"
            + " ('tenant:tokens:good', '2030-01', 'two', 400, 0)");
    List<Grant> granted =
        gateway.on(
            () ->
                gateway
                    .store()
                    .register()
                    .grant(
                        "me",
                        List.of(
                            new Request("tenant:tokens:good", MONTH, 0, 900),
                            new Request("tenant:tokens:null", MONTH, 0, 900),
                            new Request("tenant:tokens:less", MONTH, 0, 900))));
    List<Grant> expected =
        List.of(
            new Grant("tenant:tokens:good", MONTH, 100, 0, 0),
            new Grant("tenant:tokens:less", MONTH, 0, 0, 0),
            new Grant("tenant:tokens:null", MONTH, 0, 0, 0));
    assertEquals(expected, granted);
  }

  @Test
  void aVersionThatIsGoneCostsNothing() {
    Servers.ask(SERVER, "DELETE FROM register_version");
    String digits = hash("5");
    IssuedKey key = new IssuedKey("later", digits, "acme", 1, List.of());
    gateway.on(() -> gateway.store().register().issue(key, "test"));
    Servers.until("the key", 30, () -> gateway.keys().find(digits) != null);
    assertNotNull(gateway.keys().find(digits));
    long version = known().version();
    gateway.on(() -> gateway.store().register().revoke("later", "test"));
    assertTrue(known().version() > version, "a change makes a later version");
    assertEquals(1, gateway.gauge("register_up"));
  }

  /** A replica that becomes the primary without the last change has the version before it. */
  @Test
  void aChangeThatIsLostIsNotTakenForTheOneAfterIt() {
    IssuedKey lost = new IssuedKey("lost", hash("6"), "acme", 1, List.of());
    IssuedKey next = new IssuedKey("next", hash("7"), "acme", 1, List.of());
    long before = known().version();
    gateway.on(() -> gateway.store().register().issue(lost, "test"));
    long seen = known().version();
    Servers.ask(SERVER, "DELETE FROM api_keys");
    Servers.ask(SERVER, "UPDATE register_version SET version = " + before);
    gateway.on(() -> gateway.store().register().issue(next, "test"));
    Optional<Known> now = gateway.on(() -> gateway.store().register().known(seen));
    assertTrue(now.isPresent(), "version " + seen + " again");
    assertEquals(List.of(next), now.orElseThrow().keys());
  }
}
