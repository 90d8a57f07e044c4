package dev.forebay.mysql;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A database: one primary, which is written, and its replicas.
 *
 * @param name as the directory of shards has it; it stays when the address changes
 * @param primary {@code mysql://HOST:PORT/DATABASE}
 * @param replicas addresses of the same form
 */
@Doc("A database: one primary, which is written, and its replicas.")
public record Database(
    @Doc("Its name in the directory of shards; it stays when the address changes.") String name,
    @Doc("The address that is written: mysql://HOST:PORT/DATABASE.") String primary,
    @Doc("Addresses that are read as well, of the same form.") @Default("[]")
        List<String> replicas) {

  private static final Pattern ADDRESS = Pattern.compile("mysql://[\\w.\\[\\]:-]+:\\d+/\\w+");

  /** Checks. */
  public Database {
    replicas = List.copyOf(replicas);
    if (!name.matches("[a-z0-9-]{1,64}")) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: 1 to 64 lower-case letters, digits and hyphens)");
    }
    check(primary);
    replicas.forEach(Database::check);
  }

  private static void check(String address) {
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException(
          "address: "
              + address.replaceAll("//.*@", "//...@")
              + " (expected: mysql://HOST:PORT/DATABASE, without a user)");
    }
  }
}
