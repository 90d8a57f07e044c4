package dev.forebay.mysql;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.Budget.Scope;
import dev.forebay.spi.ledger.Budget.Unit;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister.Known;
import dev.forebay.spi.options.Names;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of {@code api_keys} and {@code budgets} as keys and budgets. Somebody may have written them
 * by hand, so each is read by itself: one that is wrong is a line of text, and all others hold.
 *
 * <p>A key that is wrong lets nobody in. A budget that is wrong opens nothing: if its columns, or
 * else its id, tell whose it is, that budget is 0, as somebody wanted a limit there and nobody
 * knows which. Only that tenant or key is kept out, until the row is right. If not even that can be
 * told, the row is left out: to keep out everybody would make one row an outage of all.
 */
final class RegisterRows {

  private static final int LONGEST = 200;

  private final List<String> wrong = new ArrayList<>();

  private RegisterRows() {}

  /**
   * What holds, and what is wrong.
   *
   * @param known of the rows that are right, and budgets of 0
   * @param wrong a line for each other row: its table, its id, and what was expected
   */
  record Read(Known known, List<String> wrong) {}

  /** Reads all rows. From any thread. */
  static Read read(long version, RowSet<Row> keys, RowSet<Row> budgets) {
    RegisterRows rows = new RegisterRows();
    Known known = new Known(version, rows.keys(keys), rows.budgets(budgets));
    return new Read(known, List.copyOf(rows.wrong));
  }

  /** What a budget allows by its row: nothing if the amount is none. */
  static long amount(@Nullable Long amount) {
    return amount == null ? 0 : Math.clamp(amount, 0, Budget.MOST);
  }

  private List<IssuedKey> keys(RowSet<Row> rows) {
    List<IssuedKey> keys = new ArrayList<>();
    for (Row row : rows) {
      try {
        String models = text("models", row.getString(4));
        keys.add(
            new IssuedKey(
                text("id", row.getString(0)),
                text("sha256", row.getString(1)),
                text("tenant", row.getString(2)),
                Math.toIntExact(number("priority", row.getLong(3))),
                models.isEmpty() ? List.of() : List.of(models.split(",", -1))));
      } catch (IllegalArgumentException | ArithmeticException e) {
        wrong("api_keys", row, e, "nobody is let in by this key");
      }
    }
    return keys;
  }

  private List<Budget> budgets(RowSet<Row> rows) {
    Map<String, Budget> budgets = new LinkedHashMap<>();
    List<Runnable> later = new ArrayList<>();
    for (Row row : rows) {
      try {
        Budget budget = budget(row);
        budgets.put(budget.id(), budget);
      } catch (IllegalArgumentException e) {
        later.add(() -> shut(row, e, budgets));
      }
    }
    later.forEach(Runnable::run); // a row that is right comes before one that is wrong
    return List.copyOf(budgets.values());
  }

  private static Budget budget(Row row) {
    long amount = number("amount", row.getLong(4));
    if (amount < 0 || amount > Budget.MOST) {
      throw new IllegalArgumentException(
          "amount: " + amount + " (expected: 0 to " + Budget.MOST + ")");
    }
    Budget budget = whose(row, amount);
    if (!budget.id().equals(row.getString(0))) {
      throw new IllegalArgumentException("id (expected: " + budget.id() + ")");
    }
    return budget;
  }

  private static Budget whose(Row row, long limit) {
    return new Budget(
        one(Scope.class, "scope", row.getString(1)),
        text("whose", row.getString(2)),
        one(Unit.class, "unit", row.getString(3)),
        limit);
  }

  /** A budget of which nobody knows the limit. */
  private void shut(Row row, IllegalArgumentException why, Map<String, Budget> budgets) {
    Budget none = none(row);
    if (none == null) {
      wrong("budgets", row, why, "it is left out, as nothing tells whose it is");
    } else if (budgets.putIfAbsent(none.id(), none) == null) {
      wrong("budgets", row, why, "budget " + none.id() + " lets nothing in");
    } else {
      wrong("budgets", row, why, "it is left out, as another row has budget " + none.id());
    }
  }

  private static @Nullable Budget none(Row row) {
    try {
      return whose(row, 0);
    } catch (IllegalArgumentException e) {
      String[] parts = Objects.requireNonNullElse(row.getString(0), "").split(":", 3);
      try {
        return new Budget(
            one(Scope.class, "scope", parts[0].toUpperCase(Locale.ROOT)),
            parts.length < 3 ? "" : parts[2],
            one(Unit.class, "unit", parts.length < 3 ? "" : parts[1].toUpperCase(Locale.ROOT)),
            0);
      } catch (IllegalArgumentException ofId) {
        return null;
      }
    }
  }

  private static String text(String column, @Nullable String value) {
    if (value == null) {
      throw new IllegalArgumentException(column + ": NULL (expected: a text)");
    }
    return value;
  }

  private static long number(String column, @Nullable Long value) {
    if (value == null) {
      throw new IllegalArgumentException(column + ": NULL (expected: a number)");
    }
    return value;
  }

  private static <E extends Enum<E>> E one(Class<E> type, String column, @Nullable String value) {
    E[] all = Objects.requireNonNull(type.getEnumConstants());
    for (E each : all) {
      if (each.name().equals(value)) {
        return each;
      }
    }
    String given = String.valueOf(value);
    List<String> names = Arrays.stream(all).map(Enum::name).toList();
    throw new IllegalArgumentException(
        column + ": " + given + " (expected: " + Names.oneOf(names, given) + ")");
  }

  private void wrong(String table, Row row, RuntimeException why, String then) {
    wrong.add(
        "%s, row %s: %s: %s"
            .formatted(
                table, line(row.getString(0)), line(String.valueOf(why.getMessage())), then));
  }

  /** A text of the table as a part of one line. */
  private static String line(@Nullable String text) {
    String one = String.valueOf(text).replaceAll("\\p{C}", "?");
    return one.isEmpty() ? "''" : one.length() > LONGEST ? one.substring(0, LONGEST) + "..." : one;
  }
}
