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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The accounts of all budgets, by tenant and by key. */
final class Budgets {

  /** Accounts that are looked at for one question, at most: there may be 100,000. */
  private static final int LOOK = 1000;

  /** Before the end of a month, parts of the next one are asked for. */
  private static final long AHEAD_MILLIS = 3_600_000;

  private final Queue<Account> calling = new ConcurrentLinkedQueue<>();
  private Map<String, Account> all = new LinkedHashMap<>();
  private List<Account> accounts = List.of();
  private volatile Map<String, List<Account>> ofTenant = Collections.emptyMap();
  private volatile Map<String, List<Account>> ofKey = Collections.emptyMap();
  private Map<String, Account> prepared = new LinkedHashMap<>();
  private final Map<String, Note> noted = new LinkedHashMap<>();
  private String month = "";
  private int turn;

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
   * Puts an account before others for the next question. From any thread.
   *
   * @return whether it is the first time since it was last asked for
   */
  boolean call(Account account) {
    return account.call() && calling.add(account);
  }

  /**
   * Counts what a request used. From any thread.
   *
   * @return whether the register should be asked for more soon
   */
  boolean spend(UsageRecord record) {
    boolean ofIts = spend(ofTenant.get(record.tenant()), record);
    return spend(ofKey.get(record.keyId()), record) || ofIts;
  }

  private boolean spend(@Nullable List<Account> accounts, UsageRecord record) {
    boolean low = false;
    if (accounts != null) {
      String month = Month.of(record.epochMillis()).name();
      for (Account each : accounts) {
        low |= each.spend(record, month) && call(each);
      }
    }
    return low;
  }

  /** Counts records that are kept from now on. On the timeline. */
  void seal(List<UsageRecord> records) {
    for (UsageRecord record : records) {
      seal(ofTenant.get(record.tenant()), record);
      seal(ofKey.get(record.keyId()), record);
    }
  }

  private static void seal(@Nullable List<Account> accounts, UsageRecord record) {
    if (accounts != null) {
      String month = Month.of(record.epochMillis()).name();
      accounts.forEach(each -> each.seal(record, month));
    }
  }

  /**
   * Makes accounts of budgets that are new. They hold once they are {@link #limit limited}.
   *
   * @return what the register is to be asked before that, so that they have something to spend
   */
  List<Request> prepare(List<Budget> budgets, long epochMillis) {
    prepared = new LinkedHashMap<>();
    List<Request> requests = new ArrayList<>();
    for (Budget budget : budgets) {
      if (!all.containsKey(budget.id())) {
        Account account = made(budget, Month.of(epochMillis).name());
        prepared.put(budget.id(), account);
        Request request = requests.size() < KeyRegister.MOST_REQUESTS ? account.request() : null;
        if (request != null) {
          requests.add(request);
        }
      }
    }
    return requests;
  }

  private Account made(Budget budget, String month) {
    Account account = new Account(budget, month);
    Note note = noted.remove(budget.id());
    if (note != null) {
      account.restore(note.month(), note.spent(), note.granted());
    }
    return account;
  }

  /** Takes the budgets that hold now. On the timeline. */
  void limit(List<Budget> budgets, long epochMillis) {
    Map<String, List<Account>> tenants = new LinkedHashMap<>();
    Map<String, List<Account>> keys = new LinkedHashMap<>();
    Map<String, Account> now = new LinkedHashMap<>();
    turn(epochMillis);
    for (Budget budget : budgets) {
      Account account = all.get(budget.id());
      account = account == null ? prepared.get(budget.id()) : account;
      account = account == null ? made(budget, month) : account;
      account.turn(month); // it may have been made in the month before
      account.limit(budget);
      now.put(budget.id(), account);
      Map<String, List<Account>> place = budget.scope() == Scope.TENANT ? tenants : keys;
      place.computeIfAbsent(budget.of(), of -> new ArrayList<>()).add(account);
    }
    all = now;
    prepared = new LinkedHashMap<>();
    accounts = List.copyOf(now.values());
    ofTenant = tenants;
    ofKey = keys;
  }

  /** Begins a new month, if one has begun. */
  void turn(long epochMillis) {
    String present = Month.of(epochMillis).name();
    if (!present.equals(month)) {
      month = present;
      accounts.forEach(each -> each.turn(present));
    }
  }

  /**
   * What the register is to be asked now: at most {@link KeyRegister#MOST_REQUESTS}, first for
   * those that keep requests out or soon will, then in turn.
   */
  List<Request> requests(long epochMillis) {
    turn(epochMillis);
    List<Request> requests = new ArrayList<>();
    Set<Account> asked = new HashSet<>();
    Month month = Month.of(epochMillis);
    String later = epochMillis < month.ends() - AHEAD_MILLIS ? null : month.next().name();
    while (requests.size() < KeyRegister.MOST_REQUESTS - 1) {
      Account first = calling.poll();
      if (first == null) {
        break;
      }
      first.called();
      if (all.get(first.budget().id()) == first && asked.add(first)) {
        add(requests, first, later);
      }
    }
    int most = Math.min(LOOK, accounts.size());
    for (int i = 0; i < most && requests.size() < KeyRegister.MOST_REQUESTS - 1; i++) {
      turn = (turn + 1) % accounts.size();
      if (asked.add(accounts.get(turn))) {
        add(requests, accounts.get(turn), later);
      }
    }
    return requests;
  }

  private static void add(List<Request> requests, Account account, @Nullable String later) {
    Request request = account.request();
    Request next = later == null ? null : account.request(later);
    if (request != null) {
      requests.add(request);
    }
    if (next != null) {
      requests.add(next);
    }
  }

  /** What the register is to be told at the end: what was spent, and what is given back. */
  List<Request> last() {
    List<Request> requests = new ArrayList<>();
    for (Account each : accounts) {
      Request request = each.last();
      if (request != null) {
        requests.add(request);
      }
    }
    return requests;
  }

  /** Takes the register's answers. */
  void grant(List<Grant> grants) {
    for (Grant grant : grants) {
      Account account = all.getOrDefault(grant.budget(), prepared.get(grant.budget()));
      if (account != null) {
        account.grant(grant);
      }
    }
  }

  /** The register did not answer. */
  void unanswered(List<Request> requests) {
    for (Request request : requests) {
      Account account = all.get(request.budget());
      if (account != null) {
        account.unanswered();
      }
    }
  }

  List<Account> accounts() {
    return accounts;
  }

  /** What is to be noted of an account: what is spent and kept, and what it may spend. */
  record Note(String budget, String month, long spent, long granted) {
    JsonObject json() {
      return new JsonObject()
          .put("budget", budget)
          .put("month", month)
          .put("spent", spent)
          .put("granted", granted);
    }

    /**
     * Reads some.
     *
     * @throws RuntimeException if they are none
     */
    static List<Note> read(JsonArray notes) {
      List<Note> found = new ArrayList<>();
      for (Object each : notes) {
        JsonObject note = (JsonObject) each;
        found.add(
            new Note(
                note.getString("budget"),
                note.getString("month"),
                note.getLong("spent"),
                note.getLong("granted")));
      }
      return found;
    }
  }

  /** What is to be noted of all accounts. */
  List<Note> note() {
    List<Note> notes = new ArrayList<>(noted.values()); // of budgets that are not known yet
    accounts.forEach(each -> note(each, notes));
    prepared.values().forEach(each -> note(each, notes));
    return notes;
  }

  private static void note(Account account, List<Note> notes) {
    if (account.sealed() > 0 || account.granted() > 0) {
      notes.add(
          new Note(account.budget().id(), account.month(), account.sealed(), account.granted()));
    }
  }

  /** Goes on from notes, before any budget is known. */
  void restore(List<Note> notes) {
    notes.forEach(each -> noted.put(each.budget(), each));
  }
}
