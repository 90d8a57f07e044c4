package dev.forebay.cli;

import dev.forebay.replay.warm.GatewayTarget;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The ledger of a running gateway, by its administration. */
final class LedgerTarget {

  @Mixin private final AdministrationTarget administration = new AdministrationTarget();

  JsonObject get(String path) throws IOException, InterruptedException {
    return ask(HttpMethod.GET, path, null);
  }

  JsonObject ask(HttpMethod method, String path, @Nullable JsonObject body)
      throws IOException, InterruptedException {
    try (GatewayTarget target = administration.target()) {
      return target.administer(method, path, body);
    }
  }

  static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The name of the person, for the list of changes. */
  static String by() {
    return System.getProperty("user.name", "unknown");
  }

  /** Days from and to, in UTC. */
  static final class Days {
    @Option(
        names = "--from",
        paramLabel = "DAY",
        description = "the first day, in UTC, such as 2026-11-01 (default: that of the month)")
    private @Nullable LocalDate from;

    @Option(
        names = "--to",
        paramLabel = "DAY",
        description = "the last day, in UTC (default: today)")
    private @Nullable LocalDate to;

    String query() {
      LocalDate last = to == null ? LocalDate.now(ZoneOffset.UTC) : to;
      LocalDate first = from == null ? last.withDayOfMonth(1) : from;
      return "from=" + first + "&to=" + last;
    }
  }
}
