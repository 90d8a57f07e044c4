package dev.forebay.mysql;

import io.vertx.core.Future;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Brings the tables of a database up to date by numbered files, {@code V1__usage.sql} and so on,
 * each once and in order, while a lock of the server keeps others from it. A file that was cut off
 * is applied again: its statements can be repeated. A file that was applied must not change: the
 * table {@code schema_files} has its SHA-256. A newer gateway may have applied more files: they
 * only add, so that this one goes on. The names are those of Flyway, so the files can be applied by
 * it instead, with {@code migrate: false} here.
 *
 * <p>If nothing is missing, nothing is locked or written. A change of a table that waits for
 * somebody's long transaction keeps all others from the table, so it waits a moment only, and is
 * tried again.
 */
final class Migrations {

  /** The files, in order. */
  static final List<String> FILES =
      List.of("V1__usage.sql", "V2__directory.sql", "V3__retention.sql");

  private static final String LOCK = "forebay_schema";
  private static final int LOCK_SECONDS = 5;
  private static final int INDEX_IS_THERE = 1061;
  static final int NO_SUCH_TABLE = 1146;
  private static final String PATIENCE = "SET SESSION lock_wait_timeout = 2";
  private static final String TABLE =
      "CREATE TABLE IF NOT EXISTS schema_files (version INT NOT NULL, file VARCHAR(128) NOT NULL,"
          + " sha256 CHAR(64) NOT NULL, applied TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,"
          + " PRIMARY KEY (version)) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4";

  private Migrations() {}

  /**
   * What a database lacks, and has more than this gateway knows.
   *
   * @param missing files that are to be applied
   * @param newer names of files that a newer gateway applied
   */
  record Found(List<String> missing, List<String> newer) {}

  /** Looks; fails with {@link IllegalStateException} if a file was changed after it was applied. */
  static Future<Found> look(Pool pool) {
    return pool.withConnection(Migrations::applied)
        .recover(
            thrown ->
                thrown instanceof MySQLException failed && failed.getErrorCode() == NO_SUCH_TABLE
                    ? Future.succeededFuture(Collections.emptyMap())
                    : Future.failedFuture(thrown))
        .map(Migrations::found);
  }

  private static Found found(Map<Integer, Applied> applied) {
    List<String> missing = new ArrayList<>();
    for (int version = 1; version <= FILES.size(); version++) {
      String file = FILES.get(version - 1);
      Applied before = applied.get(version);
      if (before == null) {
        missing.add(file);
      } else if (!before.sha256().equals(sha256(text(file)))) {
        throw new IllegalStateException(
            "schema: "
                + file
                + " is not the file that was applied (expected: SHA-256 "
                + before.sha256()
                + ")");
      }
    }
    List<String> newer = new ArrayList<>();
    applied.forEach(
        (version, file) -> {
          if (version > FILES.size()) {
            newer.add(file.file());
          }
        });
    return new Found(missing, newer);
  }

  private record Applied(String file, String sha256) {}

  /**
   * Applies what is missing.
   *
   * @param pool whose statements may take any time
   * @return the files that were applied; fails with {@link IllegalStateException} if a file was
   *     changed after it had been applied, or if another holds the lock for 5 s
   */
  static Future<List<String>> apply(Pool pool) {
    return pool.withConnection(
        connection ->
            connection
                .query(PATIENCE)
                .execute()
                .compose(patient -> locked(connection))
                .compose(nothing -> connection.query(TABLE).execute())
                .compose(made -> applied(connection))
                .compose(applied -> applyAll(connection, found(applied).missing()))
                .eventually(
                    () ->
                        connection
                            .preparedQuery("SELECT RELEASE_LOCK(?)")
                            .execute(Tuple.of(LOCK))));
  }

  private static Future<Void> locked(SqlConnection connection) {
    return connection
        .preparedQuery("SELECT GET_LOCK(?, ?)")
        .execute(Tuple.of(LOCK, LOCK_SECONDS))
        .compose(
            rows ->
                Objects.equals(rows.iterator().next().getInteger(0), 1)
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new IllegalStateException(
                            "schema: another applies files, and is not done within "
                                + LOCK_SECONDS
                                + " s")));
  }

  private static Future<Map<Integer, Applied>> applied(SqlConnection connection) {
    return connection
        .query("SELECT version, file, sha256 FROM schema_files ORDER BY version")
        .execute()
        .map(
            rows -> {
              Map<Integer, Applied> found = new LinkedHashMap<>();
              for (Row row : rows) {
                found.put(row.getInteger(0), new Applied(row.getString(1), row.getString(2)));
              }
              return found;
            });
  }

  private static Future<List<String>> applyAll(SqlConnection connection, List<String> missing) {
    Future<Void> last = Future.succeededFuture();
    for (String file : missing) {
      String text = text(file);
      int version = FILES.indexOf(file) + 1;
      last =
          last.compose(
              nothing ->
                  applyOne(connection, text)
                      .compose(applied -> note(connection, version, file, sha256(text)))
                      .recover(thrown -> at(file, thrown)));
    }
    return last.map(missing);
  }

  private static Future<Void> at(String file, Throwable thrown) {
    return Future.failedFuture(
        new IllegalStateException("schema: " + file + ": " + thrown.getMessage(), thrown));
  }

  private static Future<Void> applyOne(SqlConnection connection, String text) {
    Future<Void> last = Future.succeededFuture();
    for (String statement : Sql.statements(text)) {
      last =
          last.compose(nothing -> connection.query(statement).execute().<Void>mapEmpty())
              .recover(Migrations::unlessIndexIsThere);
    }
    return last;
  }

  /** MySQL cannot be asked to make an index only if there is none. */
  private static Future<Void> unlessIndexIsThere(Throwable thrown) {
    return thrown instanceof MySQLException failed && failed.getErrorCode() == INDEX_IS_THERE
        ? Future.succeededFuture()
        : Future.failedFuture(thrown);
  }

  private static Future<Void> note(
      SqlConnection connection, int version, String file, String sha256) {
    return connection
        .preparedQuery("INSERT INTO schema_files (version, file, sha256) VALUES (?, ?, ?)")
        .execute(Tuple.of(version, file, sha256))
        .mapEmpty();
  }

  static String text(String file) {
    try (InputStream in = Migrations.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(file + " cannot be read", e);
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
