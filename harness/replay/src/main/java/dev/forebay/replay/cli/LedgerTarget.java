package dev.forebay.replay.cli;

import dev.forebay.replay.warm.GatewayTarget;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The ledger of a running gateway, by its administration. */
final class LedgerTarget {

  @Option(
      names = "--administration",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8081",
      description = "the gateway's administration (default: ${DEFAULT-VALUE})")
  private URI administration = URI.create("http://127.0.0.1:8081");

  @Option(
      names = "--token-env",
      paramLabel = "NAME",
      description = "variable of the environment that holds the administration's token")
  private @Nullable String tokenVariable;

  JsonObject get(String path) throws IOException, InterruptedException {
    return ask(HttpMethod.GET, path, null);
  }

  JsonObject ask(HttpMethod method, String path, @Nullable JsonObject body)
      throws IOException, InterruptedException {
    try (GatewayTarget target = new GatewayTarget(administration, administration, null)) {
      return target.administer(method, path, body, token());
    }
  }

  private @Nullable String token() {
    if (tokenVariable == null) {
      return null;
    }
    String token = System.getenv(tokenVariable);
    if (token == null || token.isBlank()) {
      throw new WrongInput("--token-env: " + tokenVariable + " (expected: a variable that is set)");
    }
    return token;
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
