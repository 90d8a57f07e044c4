package dev.forebay.mysql;

import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.ledger.UsageLedger.Total;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.Locale;

/** Records, sums and totals as rows, and as the JSON that becomes rows. */
final class Rows {

  private Rows() {}

  /** A row of the records of a user. */
  static UsageRecord record(Row row) {
    return new UsageRecord(
        row.getString(0),
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        new Usage(
            row.getInteger(7),
            row.getInteger(8),
            row.getInteger(9),
            row.getInteger(10),
            row.getInteger(11) != 0),
        row.getLong(12),
        Status.valueOf(row.getString(13).toUpperCase(Locale.ROOT)),
        row.getLong(14),
        row.getString(15),
        row.getString(16));
  }

  /** A row of sums. */
  static UsageSum sum(Row row) {
    return new UsageSum(
        String.valueOf(row.getValue(0)),
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7));
  }

  /** A row of an audit. */
  static Total total(Row row) {
    return new Total(
        row.getLocalDate(0), row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4));
  }

  static String json(List<Total> totals) {
    JsonArray rows = new JsonArray();
    for (Total total : totals) {
      rows.add(
          new JsonObject()
              .put("day", total.day().toString())
              .put("tenant", total.tenant())
              .put("requests", total.requests())
              .put("tokens", total.tokens())
              .put("nanodollars", total.nanodollars()));
    }
    return rows.encode();
  }
}
