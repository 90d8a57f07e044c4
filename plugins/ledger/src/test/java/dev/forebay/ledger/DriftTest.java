package dev.forebay.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageLedger.Total;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DriftTest {

  private static final LocalDate DAY = LocalDate.of(2026, 12, 1);

  private final TestContext context = TestContext.of("ledger", 1);

  @Test
  void recordsBeyondTheCountsAreNoTokensThatAreLacking() {
    look(Future.succeededFuture(List.of(audited("a", 100, 162), audited("b", 50, 40))));
    assertEquals(
        Map.of("drift_tokens", 10.0, "drift_nanodollars", 20.0, "uncounted_tokens", 62.0),
        context.gauges());
  }

  @Test
  void nothingIsKnownIfTheAuditFails() {
    look(Future.failedFuture("no connection"));
    assertEquals(
        Map.of(
            "drift_tokens", Double.NaN,
            "drift_nanodollars", Double.NaN,
            "uncounted_tokens", Double.NaN),
        context.gauges());
  }

  private void look(Future<List<Audited>> audit) {
    UsageLedger ledger =
        (UsageLedger)
            Proxy.newProxyInstance(
                DriftTest.class.getClassLoader(),
                new Class<?>[] {UsageLedger.class},
                (proxy, method, arguments) -> audit);
    new Drift(ledger, context).look();
  }

  private static Audited audited(String tenant, long counted, long recorded) {
    return new Audited(total(tenant, recorded), total(tenant, counted));
  }

  private static Total total(String tenant, long tokens) {
    return new Total(DAY, tenant, 1, tokens, 2 * tokens);
  }
}
