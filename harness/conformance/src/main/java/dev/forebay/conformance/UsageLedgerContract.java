package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageLedger.Total;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Rules for usage ledgers: U1 and following of {@code docs/spec.md}. */
public interface UsageLedgerContract extends PluginContract<UsageLedger> {

  /** The day of the records. */
  LocalDate DAY = LocalDate.of(2026, 11, 30);

  /** The stage of the test; by default in virtual time. */
  default Stage stage() {
    return Stage.virtual();
  }

  /** What begins the names of a rule: a ledger that stays has those of earlier runs. */
  default String unique() {
    return "t";
  }

  /** A ledger that is asked on its timeline. */
  final class Asked {
    private final Stage stage;
    private final UsageLedger ledger;
    private final String tenant;

    Asked(Stage stage, UsageLedger ledger, String tenant) {
      this.stage = stage;
      this.ledger = ledger;
      this.tenant = tenant;
    }

    <T> Future<T> ask(Supplier<Future<T>> question) {
      return stage.await(
          () -> {
            Promise<T> answer = Promise.promise();
            stage.context().timeline().execute(() -> question.get().onComplete(answer));
            return answer.future();
          });
    }

    <T> T get(Supplier<Future<T>> question) {
      Future<T> answer = ask(question);
      require(answer.succeeded(), "it failed: %s", answer.cause());
      return answer.result();
    }

    /** A record of its tenant. */
    UsageRecord record(int number, String model, String user, Usage usage, long nanodollars) {
      return new UsageRecord(
          tenant + "-" + number,
          DAY.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli() + number,
          tenant,
          user,
          "key",
          model,
          "backend",
          usage,
          nanodollars,
          Status.OK,
          12,
          "miss",
          "");
    }

    UsageRecord record(int number) {
      return record(number, "m", "u", new Usage(10, 4, 5, 2), 1000);
    }

    void append(List<UsageRecord> records) {
      ask(() -> ledger.append(records));
    }

    List<UsageSum> sums(Grouping by) {
      return get(() -> ledger.sums(new UsageQuery(tenant, DAY, DAY, by)));
    }

    Known known() {
      return get(() -> ledger.register().known(-1)).orElse(Known.NOTHING);
    }

    KeyRegister register() {
      return ledger.register();
    }
  }

  /** A check of one rule. */
  @FunctionalInterface
  interface Trial {
    void run(Asked asked);
  }

  private void check(String rule, Trial trial) {
    Rule.check(
        this,
        rule,
        () -> {
          Stage stage = stage();
          UsageLedger ledger = plugin().create(stage.context());
          Asked asked = new Asked(stage, ledger, unique() + "-" + rule.toLowerCase(Locale.ROOT));
          asked.ask(
              () -> {
                ledger.prepare();
                return Future.succeededFuture();
              });
          try {
            trial.run(asked);
          } finally {
            asked.ask(ledger::close);
          }
        });
  }

  /** U1: a batch that comes twice counts once. */
  @Test
  default void u1_aBatchThatComesTwiceCountsOnce() {
    check(
        "U1",
        asked -> {
          List<UsageRecord> batch = List.of(asked.record(1), asked.record(2));
          asked.append(batch);
          asked.append(batch);
          UsageSum sum = new UsageSum("m", 2, 20, 8, 10, 4, 0, 2000);
          require(
              asked.sums(Grouping.MODEL).equals(List.of(sum)),
              "sums: %s (expected: %s)",
              asked.sums(Grouping.MODEL),
              sum);
        });
  }

  /** U2: of a batch that is there in part, the rest is added. */
  @Test
  default void u2_ofABatchThatIsThereInPartTheRestIsAdded() {
    check(
        "U2",
        asked -> {
          asked.append(List.of(asked.record(1)));
          asked.append(List.of(asked.record(1), asked.record(2), asked.record(3)));
          long requests = asked.sums(Grouping.MODEL).stream().mapToLong(UsageSum::requests).sum();
          require(requests == 3, "%d requests (expected: 3)", requests);
        });
  }

  /** U3: sums are right by every grouping, and tokens that were there before count apart. */
  @Test
  default void u3_sumsAreRightByEveryGrouping() {
    check(
        "U3",
        asked -> {
          List<UsageRecord> records = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            Usage usage = new Usage(10 + i, 3, 5, 1, i % 5 == 0);
            records.add(asked.record(i, "m" + i % 3, "u" + i % 7, usage, i % 5 == 0 ? 0 : 100 + i));
          }
          asked.append(records);
          for (Grouping by : Grouping.values()) {
            for (UsageSum sum : asked.sums(by)) {
              UsageSum right = UsageSum.none(sum.group());
              for (UsageRecord record : records) {
                right = by.of(record).equals(sum.group()) ? right.plus(record) : right;
              }
              require(sum.equals(right), "by %s: %s (expected: %s)", by, sum, right);
            }
            long all = asked.sums(by).stream().mapToLong(UsageSum::requests).sum();
            require(all == 50, "by %s: %d requests (expected: 50)", by, all);
          }
        });
  }

  /** U4: a query has its first and its last day, and its tenant only. */
  @Test
  default void u4_aQueryHasItsDaysAndItsTenantOnly() {
    check(
        "U4",
        asked -> {
          asked.append(List.of(asked.record(1)));
          UsageQuery before =
              new UsageQuery(asked.tenant, DAY.minusDays(9), DAY.minusDays(1), Grouping.DAY);
          UsageQuery after =
              new UsageQuery(asked.tenant, DAY.plusDays(1), DAY.plusDays(9), Grouping.DAY);
          UsageQuery other = new UsageQuery(asked.tenant + "x", DAY, DAY, Grouping.DAY);
          for (UsageQuery none : List.of(before, after, other)) {
            List<UsageSum> found = asked.get(() -> asked.ledger.sums(none));
            require(found.isEmpty(), "%s: %s (expected: nothing)", none, found);
          }
          UsageQuery around =
              new UsageQuery(asked.tenant, DAY.minusDays(9), DAY.plusDays(9), Grouping.DAY);
          List<UsageSum> found = asked.get(() -> asked.ledger.sums(around));
          require(
              found.size() == 1 && found.getFirst().group().equals(DAY.toString()),
              "%s (expected: one of %s)",
              found,
              DAY);
        });
  }

  /** U5: the records of a user are whole, the newest first, and at most as many as asked for. */
  @Test
  default void u5_theRecordsOfAUserAreWholeAndTheNewestFirst() {
    check(
        "U5",
        asked -> {
          List<UsageRecord> own = new ArrayList<>();
          for (int i = 0; i < 5; i++) {
            own.add(asked.record(i, "m", "ünï", new Usage(9, 1, 2, 1, i == 1), i));
            asked.append(List.of(own.getLast(), asked.record(100 + i)));
          }
          List<UsageRecord> found = asked.get(() -> asked.ledger.ofUser(asked.tenant, "ünï", 3));
          require(
              found.equals(own.reversed().subList(0, 3)),
              "%s (expected: %s)",
              found,
              own.reversed());
        });
  }

  /** U6: a key that was issued is known, and the version tells that something changed. */
  @Test
  default void u6_aKeyThatWasIssuedIsKnown() {
    check(
        "U6",
        asked -> {
          long before = asked.known().version();
          IssuedKey key = key(asked, "6");
          asked.get(() -> asked.register().issue(key, "me"));
          Known known = asked.known();
          require(known.keys().contains(key), "keys: %s (expected: %s)", known.keys(), key);
          require(known.version() > before, "version: %d, as before", known.version());
          require(
              asked.get(() -> asked.register().known(known.version())).isEmpty(),
              "known(%d) tells what is known already",
              known.version());
          String change = asked.get(() -> asked.register().changes(1)).toString();
          require(change.contains(key.id()), "changes: %s (expected: the key)", change);
        });
  }

  private static IssuedKey key(Asked asked, String digit) {
    String hash = "%064x".formatted(Math.abs((long) asked.tenant.hashCode()));
    return new IssuedKey(
        asked.tenant, hash.substring(0, 63) + digit, asked.tenant, 2, List.of("m1", "m2"));
  }

  /** U7: a revoked key is gone for good: neither its id nor its hash comes back. */
  @Test
  default void u7_aRevokedKeyIsGoneForGood() {
    check(
        "U7",
        asked -> {
          IssuedKey key = key(asked, "7");
          asked.get(() -> asked.register().issue(key, "me"));
          require(asked.ask(() -> asked.register().issue(key, "me")).failed(), "issued twice");
          require(asked.get(() -> asked.register().revoke(key.id(), "me")), "not revoked");
          require(!asked.known().keys().contains(key), "a revoked key is known");
          require(!asked.get(() -> asked.register().revoke(key.id(), "me")), "revoked twice");
          require(
              asked.ask(() -> asked.register().issue(key, "me")).cause()
                  instanceof IllegalArgumentException,
              "a revoked key was issued again");
        });
  }

  /** U8: a budget can be set, changed and ended. */
  @Test
  default void u8_aBudgetCanBeSetChangedAndEnded() {
    check(
        "U8",
        asked -> {
          Budget first = budget(asked, 100);
          Budget second = budget(asked, 200);
          asked.get(() -> asked.register().limit(first, "me"));
          require(asked.known().budgets().contains(first), "not set");
          asked.get(() -> asked.register().limit(second, "me"));
          List<Budget> changed = asked.known().budgets();
          require(changed.contains(second) && !changed.contains(first), "%s", changed);
          asked.get(() -> asked.register().limit(budget(asked, Budget.NONE), "me"));
          require(!asked.known().budgets().contains(second), "not ended");
        });
  }

  private static Budget budget(Asked asked, long limit) {
    return new Budget(Budget.Scope.TENANT, asked.tenant, Budget.Unit.NANODOLLARS, limit);
  }

  /** U9: what gateways may spend of a budget together is at most the budget. */
  @Test
  default void u9_grantsNeverExceedTheBudget() {
    check(
        "U9",
        asked -> {
          String id = budget(asked, 0).id();
          asked.get(() -> asked.register().limit(budget(asked, 100), "me"));
          Grant one = grant(asked, "one", id, 0, 60);
          Grant other = grant(asked, "other", id, 0, 60);
          require(one.granted() == 60, "%s (expected: 60)", one);
          require(other.granted() == 40 && other.left() == 0, "%s (expected: 40)", other);
          Grant back = grant(asked, "one", id, 25, 0);
          require(back.granted() == 25 && back.left() == 35, "%s (expected: 35 are left)", back);
          Grant more = grant(asked, "other", id, 40, 100);
          require(more.granted() == 75, "%s (expected: 75)", more);
          Grant again = grant(asked, "one", id, 0, 100);
          require(
              again.spent() == 25 && again.granted() == 25,
              "%s (expected: what was spent stays spent)",
              again);
          KeyRegister.Request twice = new KeyRegister.Request(id, "2026-12", 0, 70);
          asked.get(() -> asked.register().grant("one", List.of(twice, twice)));
          Grant rest = grant(asked, "other", id, "2026-12", 0, 100);
          require(rest.granted() == 30, "%s (expected: 30, of another month)", rest);
          Grant still = grant(asked, "other", id, 60, 0);
          require(still.left() == 15, "%s (expected: 15 are left of the first month)", still);
        });
  }

  private static Grant grant(Asked asked, String gateway, String id, long spent, long more) {
    return grant(asked, gateway, id, "2026-11", spent, more);
  }

  private static Grant grant(
      Asked asked, String gateway, String id, String month, long spent, long more) {
    List<Grant> grants =
        asked.get(
            () ->
                asked
                    .register()
                    .grant(gateway, List.of(new KeyRegister.Request(id, month, spent, more))));
    require(grants.size() == 1, "grants: %s (expected: one)", grants);
    return grants.getFirst();
  }

  /** U10: the audit has the sum of the records beside the newest counts of each counter. */
  @Test
  default void u10_theAuditHasRecordsBesideTheNewestCounts() {
    check(
        "U10",
        asked -> {
          asked.append(List.of(asked.record(1), asked.record(2)));
          Total early = new Total(DAY, asked.tenant, 1, 15, 1000);
          Total late = new Total(DAY, asked.tenant, 2, 31, 2001);
          asked.get(() -> asked.ledger.counted(asked.tenant, List.of(early)));
          asked.get(() -> asked.ledger.counted(asked.tenant, List.of(late)));
          List<Audited> found =
              asked.get(() -> asked.ledger.audit(DAY, DAY)).stream()
                  .filter(each -> each.recorded().tenant().equals(asked.tenant))
                  .toList();
          Total recorded = new Total(DAY, asked.tenant, 2, 30, 2000);
          require(
              found.equals(List.of(new Audited(recorded, late))),
              "%s (expected: %s and %s)",
              found,
              recorded,
              late);
        });
  }
}
