package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.options.NamedPlugin;
import io.vertx.core.Future;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** A usage ledger that breaks each rule. */
final class BrokenLedgers {

  private BrokenLedgers() {}

  private static Plugin<UsageLedger> plugin(Supplier<ReferenceLedger> maker) {
    return NamedPlugin.of(UsageLedger.class, "broken", context -> maker.get());
  }

  /** Adds whatever comes. */
  @AlsoFails("U2")
  static final class U1 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                public Future<Void> append(List<UsageRecord> more) {
                  more.forEach(
                      each -> records.put(each.id() + "-" + records.size() % 20_000, each));
                  while (records.size() > 10_000) {
                    records.remove(records.keySet().iterator().next());
                  }
                  return Future.succeededFuture();
                }
              });
    }
  }

  /** Refuses a batch of which something is there. */
  static final class U2 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                public Future<Void> append(List<UsageRecord> more) {
                  return more.stream().anyMatch(each -> records.containsKey(each.id()))
                      ? Future.succeededFuture()
                      : super.append(more);
                }
              });
    }
  }

  /** Takes keys for models. */
  @AlsoFails("U1")
  static final class U3 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                String group(UsageQuery query, UsageRecord record) {
                  return query.by() == UsageQuery.Grouping.MODEL
                      ? record.keyId()
                      : super.group(query, record);
                }
              });
    }
  }

  /** Has every day in its sums. */
  static final class U4 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                boolean matches(UsageQuery query, UsageRecord record) {
                  return query.tenant() == null || query.tenant().equals(record.tenant());
                }
              });
    }
  }

  /** Gives the oldest first. */
  static final class U5 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                Comparator<UsageRecord> order() {
                  return Comparator.comparingLong(UsageRecord::epochMillis);
                }
              });
    }
  }

  /** Does not note what changed. */
  static final class U6 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                void changed(String what) {}
              });
    }
  }

  /** Lets a revoked key come back. */
  static final class U7 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                public Future<Void> issue(IssuedKey key, String by) {
                  if (!keys.containsKey(key.id())) {
                    issued.remove(key.id());
                  }
                  return super.issue(key, by);
                }
              });
    }
  }

  /** Never ends a budget. */
  static final class U8 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                public Future<Void> limit(Budget budget, String by) {
                  return budget.limit() == Budget.NONE
                      ? Future.succeededFuture()
                      : super.limit(budget, by);
                }
              });
    }
  }

  /** Knows of no other gateway. */
  static final class U9 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                long others(String gateway, String month) {
                  return 0;
                }
              });
    }
  }

  /** Keeps the first count. */
  static final class U10 implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(
          () ->
              new ReferenceLedger() {
                @Override
                public Future<Void> counted(String counter, List<Total> totals) {
                  totals.forEach(each -> counted.putIfAbsent(counter, each));
                  return Future.succeededFuture();
                }
              });
    }
  }

  /** A ledger that holds every rule. */
  static final class Good implements UsageLedgerContract {
    @Override
    public Plugin<UsageLedger> plugin() {
      return BrokenLedgers.plugin(ReferenceLedger::new);
    }
  }
}
