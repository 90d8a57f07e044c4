package dev.forebay.ledger;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.Budget.Scope;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Request;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The accounts of all budgets, by tenant and by key. */
final class Budgets {

  private final Map<String, Account> all = new LinkedHashMap<>();
  private volatile Map<String, List<Account>> ofTenant = new LinkedHashMap<>();
  private volatile Map<String, List<Account>> ofKey = new LinkedHashMap<>();
  private Map<String, JsonObject> noted = new LinkedHashMap<>();
  private int turn;

  /** The month in UTC of a time in milliseconds since 1970, such as {@code 2026-11}. */
  static String month(long epochMillis) {
    return Instant.ofEpochMilli(epochMillis)
        .atZone(ZoneOffset.UTC)
        .toLocalDate()
        .toString()
        .substring(0, "2026-11".length());
  }

  /** The budget that keeps a request out; null if none does. From any thread. */
  @Nullable Account closed(RequestInfo request) {
    Account closed = closed(ofTenant.get(request.caller().tenant()));
    return closed == null ? closed(ofKey.get(request.caller().keyId())) : closed;
  }

  private static @Nullable Account closed(@Nullable List<Account> accounts) {
    if (accounts != null) {
      for (Account each : accounts) {
        if (!each.open()) {
          return each;
        }
      }
    }
    return null;
  }

  /**
   * Counts what a request used. From any thread.
   *
   * @return whether the register should be asked for more soon
   */
  boolean spend(UsageRecord record) {
    boolean[] low = {false};
    each(record, account -> low[0] |= account.spend(record, month(record.epochMillis())));
    return low[0];
  }

  /** Counts records that are kept from now on. On the timeline. */
  void seal(List<UsageRecord> records) {
    for (UsageRecord record : records) {
      each(record, account -> account.seal(record, month(record.epochMillis())));
    }
  }

  private void each(UsageRecord record, Consumer<Account> action) {
    ofTenant.getOrDefault(record.tenant(), List.of()).forEach(action);
    ofKey.getOrDefault(record.keyId(), List.of()).forEach(action);
  }

  /** Takes the budgets that hold now. On the timeline. */
  void limit(List<Budget> budgets, long epochMillis) {
    Map<String, List<Account>> tenants = new LinkedHashMap<>();
    Map<String, List<Account>> keys = new LinkedHashMap<>();
    Map<String, Account> before = new LinkedHashMap<>(all);
    all.clear();
    for (Budget budget : budgets) {
      Account account = before.get(budget.id());
      if (account == null) {
        account = new Account(budget, month(epochMillis));
        JsonObject note = noted.remove(budget.id());
        if (note != null) {
          account.restore(
              note.getString("month", ""), note.getLong("spent", 0L), note.getLong("granted", 0L));
        }
      }
      account.limit(budget);
      all.put(budget.id(), account);
      Map<String, List<Account>> place = budget.scope() == Scope.TENANT ? tenants : keys;
      place.computeIfAbsent(budget.of(), of -> new ArrayList<>()).add(account);
    }
    ofTenant = tenants;
    ofKey = keys;
  }

  /** What the register is to be asked now: at most {@link KeyRegister#MOST_REQUESTS}, in turn. */
  List<Request> requests(long epochMillis) {
    String month = month(epochMillis);
    List<Account> accounts = List.copyOf(all.values());
    List<Request> requests = new ArrayList<>();
    accounts.forEach(each -> each.turn(month));
    for (int i = 0; i < accounts.size() && requests.size() < KeyRegister.MOST_REQUESTS; i++) {
      turn = (turn + 1) % accounts.size();
      Request request = accounts.get(turn).request();
      if (request != null) {
        requests.add(request);
      }
    }
    return requests;
  }

  /** Takes the register's answers. */
  void grant(List<Grant> grants) {
    for (Grant grant : grants) {
      Account account = all.get(grant.budget());
      if (account != null) {
        account.grant(grant);
      }
    }
  }

  List<Account> accounts() {
    return List.copyOf(all.values());
  }

  /** What is to be noted of all accounts: what is spent and kept. */
  JsonArray note() {
    JsonArray notes = new JsonArray();
    for (Account each : all.values()) {
      notes.add(
          new JsonObject()
              .put("budget", each.budget().id())
              .put("month", each.month())
              .put("spent", each.sealed())
              .put("granted", each.granted()));
    }
    return notes;
  }

  /** Goes on from notes, before any budget is known. */
  void restore(JsonArray notes) {
    Map<String, JsonObject> found = new LinkedHashMap<>();
    for (Object each : notes) {
      if (each instanceof JsonObject note) {
        found.put(note.getString("budget"), note);
      }
    }
    noted = found;
  }
}
