package dev.forebay.ledger;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger.Audited;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageSum;
import dev.forebay.spi.options.Names;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ledger on the gateway's administration: {@code GET /ledger/usage}, {@code /ledger/audit},
 * {@code /ledger/keys}, {@code /ledger/users/TENANT/USER}; {@code POST /ledger/keys} and {@code
 * /ledger/budgets}; {@code DELETE /ledger/keys/ID}. Keys come as hashes: no key is ever sent here.
 */
final class LedgerRoutes {

  private static final long MAX_BODY = 64 << 10;
  private static final int MOST_CHANGES = 100;
  private static final int MOST_RECORDS = 1000;
  private static final int STANDARD = 1;
  private static final int MOST_NAME = 64;

  private final LedgerSection section;

  LedgerRoutes(LedgerSection section) {
    this.section = section;
  }

  void add(HttpRoutes routes) {
    Listener there = Listener.ADMINISTRATION;
    routes.add(there, HttpRoute.get("/ledger/usage", asked(this::usage)));
    routes.add(there, HttpRoute.get("/ledger/audit", asked(this::audit)));
    routes.add(there, HttpRoute.get("/ledger/users/:tenant/:user", asked(this::user)));
    routes.add(there, HttpRoute.get("/ledger/keys", asked(this::keys)));
    routes.add(there, HttpRoute.post("/ledger/keys", MAX_BODY, asked(this::issue)));
    routes.add(there, HttpRoute.post("/ledger/budgets", MAX_BODY, asked(this::limit)));
    routes.add(there, new HttpRoute("DELETE", "/ledger/keys/:id", 0, asked(this::revoke)));
  }

  /** What is wrong in a question is its sender's fault; a store that fails is not there. */
  private static HttpRoute.Handler asked(Function<RouteRequest, Future<RouteAnswer>> handler) {
    return request -> {
      try {
        return handler.apply(request).recover(LedgerRoutes::failed);
      } catch (DecodeException | ClassCastException e) {
        return failed(new IllegalArgumentException("body: (expected: an object of JSON)"));
      } catch (IllegalArgumentException e) {
        return failed(new IllegalArgumentException(e.getMessage()));
      }
    };
  }

  private static Future<RouteAnswer> failed(Throwable thrown) {
    if (thrown instanceof Failure) {
      return Future.failedFuture(thrown);
    }
    String message = String.valueOf(thrown.getMessage());
    return Future.failedFuture(
        thrown instanceof IllegalArgumentException
            ? Failure.of(Status.CALLER_FAULT, 400, "invalid_request", message)
            : Failure.saturated("ledger_down", "the ledger does not answer: " + message));
  }

  private Future<RouteAnswer> usage(RouteRequest request) {
    String tenant = query(request, "tenant");
    UsageQuery query = new UsageQuery(tenant, from(request), to(request), by(request));
    return section
        .ledger()
        .sums(query)
        .map(
            sums -> {
              JsonArray groups = new JsonArray();
              sums.forEach(sum -> groups.add(json(sum)));
              return answer(
                  new JsonObject()
                      .put("from", query.from().toString())
                      .put("to", query.to().toString())
                      .put("by", query.by().name().toLowerCase(Locale.ROOT))
                      .put("waiting", section.outbox().waiting())
                      .put("groups", groups));
            });
  }

  private static JsonObject json(UsageSum sum) {
    return new JsonObject()
        .put("group", sum.group())
        .put("requests", sum.requests())
        .put("promptTokens", sum.promptTokens())
        .put("cachedTokens", sum.cachedTokens())
        .put("completionTokens", sum.completionTokens())
        .put("reasoningTokens", sum.reasoningTokens())
        .put("replayedTokens", sum.replayedTokens())
        .put("nanodollars", sum.nanodollars());
  }

  private Future<RouteAnswer> audit(RouteRequest request) {
    UsageQuery asked = new UsageQuery(null, from(request), to(request), UsageQuery.Grouping.DAY);
    return section
        .ledger()
        .audit(asked.from(), asked.to())
        .map(
            found -> {
              JsonArray days = new JsonArray();
              for (Audited each : found) {
                days.add(
                    new JsonObject()
                        .put("day", each.recorded().day().toString())
                        .put("tenant", each.recorded().tenant())
                        .put("recorded", Counts.json(each.recorded()))
                        .put("counted", Counts.json(each.counted()))
                        .put("driftRequests", each.driftRequests())
                        .put("driftTokens", each.driftTokens())
                        .put("driftNanodollars", each.driftNanodollars()));
              }
              return answer(
                  new JsonObject().put("waiting", section.outbox().waiting()).put("days", days));
            });
  }

  private Future<RouteAnswer> user(RouteRequest request) {
    return section
        .ledger()
        .ofUser(request.parameter("tenant"), request.parameter("user"), MOST_RECORDS)
        .map(
            records -> {
              JsonArray lines = new JsonArray();
              records.forEach(each -> lines.add(RecordJson.of(each)));
              return answer(new JsonObject().put("records", lines));
            });
  }

  /** What this gateway knows, also while the store is down. */
  private Future<RouteAnswer> keys(RouteRequest request) {
    return section
        .ledger()
        .register()
        .changes(MOST_CHANGES)
        .otherwise(List.of())
        .map(changes -> answer(keys(changes)));
  }

  private JsonObject keys(List<KeyRegister.Change> changes) {
    JsonArray keys = new JsonArray();
    for (IssuedKey key : section.known().keys()) {
      keys.add(
          new JsonObject()
              .put("id", key.id())
              .put("tenant", key.tenant())
              .put("priority", key.priority())
              .put("models", new JsonArray(key.models())));
    }
    JsonArray budgets = new JsonArray();
    for (Account account : section.budgets().accounts()) {
      Budget budget = account.budget();
      budgets.add(
          new JsonObject()
              .put("id", budget.id())
              .put("scope", budget.scope().name().toLowerCase(Locale.ROOT))
              .put("of", budget.of())
              .put("unit", budget.unit().name().toLowerCase(Locale.ROOT))
              .put("limit", budget.limit())
              .put("month", account.month())
              .put("spentHere", account.spent())
              .put("grantedHere", account.granted()));
    }
    JsonArray lines = new JsonArray();
    for (KeyRegister.Change change : changes) {
      lines.add(
          new JsonObject()
              .put("at", change.epochMillis())
              .put("by", change.by())
              .put("what", change.what()));
    }
    return new JsonObject().put("keys", keys).put("budgets", budgets).put("changes", lines);
  }

  private Future<RouteAnswer> issue(RouteRequest request) {
    JsonObject body = body(request);
    IssuedKey key =
        new IssuedKey(
            text(body, "id"),
            text(body, "sha256"),
            text(body, "tenant"),
            body.getInteger("priority", STANDARD),
            body.getJsonArray("models", new JsonArray()).stream().map(String::valueOf).toList());
    return section
        .ledger()
        .register()
        .issue(key, by(body))
        .compose(issued -> section.reread())
        .map(reread -> nothing());
  }

  private Future<RouteAnswer> limit(RouteRequest request) {
    JsonObject body = body(request);
    Long limit = body.getLong("limit");
    if (limit == null) {
      throw new IllegalArgumentException("limit: missing (expected: a whole number, -1 for none)");
    }
    Budget budget =
        new Budget(
            constant(Budget.Scope.class, "scope", text(body, "scope")),
            text(body, "of"),
            constant(Budget.Unit.class, "unit", text(body, "unit")),
            limit);
    return section
        .ledger()
        .register()
        .limit(budget, by(body))
        .compose(limited -> section.reread())
        .map(reread -> nothing());
  }

  private Future<RouteAnswer> revoke(RouteRequest request) {
    String id = request.parameter("id");
    String by = query(request, "by");
    return section
        .ledger()
        .register()
        .revoke(id, by(by == null ? "administration" : by))
        .compose(
            held ->
                held
                    ? section.reread().map(reread -> nothing())
                    : Future.failedFuture(
                        Failure.of(
                            Status.CALLER_FAULT,
                            404,
                            "not_found",
                            "key: " + id + " (expected: one that was issued and holds)")));
  }

  private static RouteAnswer nothing() {
    return new RouteAnswer(204, Headers.EMPTY, Buffer.buffer());
  }

  private static RouteAnswer answer(JsonObject json) {
    return RouteAnswer.json(200, json.toBuffer());
  }

  private static JsonObject body(RouteRequest request) {
    return new JsonObject(request.body());
  }

  private static String by(JsonObject body) {
    return by(body.getString("by", "administration"));
  }

  private static String by(String name) {
    return name.substring(0, Math.min(name.length(), MOST_NAME));
  }

  private static String text(JsonObject body, String name) {
    String text = body.getString(name);
    if (text == null) {
      throw new IllegalArgumentException(name + ": missing (expected: a text)");
    }
    return text;
  }

  private static LocalDate from(RouteRequest request) {
    return day(request, "from");
  }

  private static LocalDate to(RouteRequest request) {
    return day(request, "to");
  }

  private static LocalDate day(RouteRequest request, String name) {
    String text = query(request, name);
    if (text == null) {
      throw new IllegalArgumentException(name + ": missing (expected: a day, such as 2026-11-30)");
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          name + ": " + text + " (expected: a day, such as 2026-11-30)", e);
    }
  }

  private static UsageQuery.Grouping by(RouteRequest request) {
    String by = query(request, "by");
    return by == null ? UsageQuery.Grouping.TENANT : constant(UsageQuery.Grouping.class, "by", by);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name, String text) {
    for (E each : type.getEnumConstants()) {
      if (each.name().equalsIgnoreCase(text)) {
        return each;
      }
    }
    List<String> known =
        Stream.of(type.getEnumConstants()).map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
    throw new IllegalArgumentException(
        name + ": " + text + " (expected: " + Names.oneOf(known, text) + ")");
  }

  private static @Nullable String query(RouteRequest request, String name) {
    List<String> values = request.query().getOrDefault(name, List.of());
    return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
  }
}
