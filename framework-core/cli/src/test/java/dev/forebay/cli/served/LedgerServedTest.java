package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.cli.Main;
import dev.forebay.core.cost.Prices;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.ledger.Ledger;
import dev.forebay.ledger.MemoryLedger;
import dev.forebay.server.GatewayServer;
import dev.forebay.simulation.Simulated;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Keys, budgets, usage and audit of a gateway, by the commands and by HTTP. */
class LedgerServedTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private GatewayServer start() {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(p -> p.backends(Options.defaults(Simulated.class, Map.entry("id", "a"))))
            .prices(new Prices(Prices.Preset.NONE, Map.of(), null, 1.0, 1000.0, false))
            .section(Ledger.in(MemoryLedger.defaults()).withKeys(true))
            .build();
    return await(
        GatewayServer.of(gateway)
            .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
            .administration(new AdministrationOptions("127.0.0.1", 0))
            .listen(vertx));
  }

  private HttpResponse<String> chat(GatewayServer server, String key) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/chat/completions");
    return http.send(
        HttpRequest.newBuilder(uri)
            .header("authorization", "Bearer " + key)
            .POST(HttpRequest.BodyPublishers.ofString(Served.chat(false, 1)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private record Ran(int code, String out) {}

  private static Ran run(GatewayServer server, String... args) {
    StringWriter out = new StringWriter();
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--administration";
    all[args.length + 1] = "http://127.0.0.1:" + server.administrationPort();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(out, true), Map.of(), all);
    return new Ran(code, out.toString());
  }

  @Test
  void aKeyIsIssuedLimitedAndRevoked() throws Exception {
    GatewayServer server = start();
    assertEquals(401, chat(server, "none").statusCode());
    Ran issued = run(server, "keys", "issue", "laptop", "--tenant", "acme");
    assertEquals(0, issued.code(), issued.out());
    String key = issued.out().strip().substring("key: ".length());
    assertEquals(2, run(server, "keys", "issue", "laptop", "--tenant", "acme").code());
    assertEquals(200, chat(server, key).statusCode());
    assertEquals(200, chat(server, key).statusCode());

    Ran usage = awaited(server, "laptop,2,", "usage", "--by", "key", "--format", "csv");
    assertTrue(usage.out().contains("laptop,2,"), usage.out());
    Ran audit = awaited(server, "drift 0", "audit");
    assertEquals(0, audit.code(), audit.out());

    assertEquals(
        0, run(server, "keys", "limit", "--tenant", "acme", "--usd", "0.000000001").code());
    HttpResponse<String> refused = chat(server, key);
    for (int i = 0; i < 200 && refused.statusCode() == 200; i++) {
      LockSupport.parkNanos(20_000_000); // the first use of a new budget counts
      refused = chat(server, key);
    }
    assertEquals(429, refused.statusCode(), refused.body());
    assertTrue(refused.body().contains("budget_exceeded"), refused.body());
    assertEquals(0, run(server, "keys", "limit", "--tenant", "acme", "--usd", "none").code());
    assertEquals(200, chat(server, key).statusCode());

    Ran listed = run(server, "keys", "list");
    assertTrue(listed.out().contains("key laptop  tenant acme"), listed.out());
    assertFalse(listed.out().contains(key), "the key is shown once");
    assertEquals(0, run(server, "keys", "revoke", "laptop").code());
    assertEquals(401, chat(server, key).statusCode());
    assertEquals(2, run(server, "keys", "revoke", "laptop").code());
  }

  /** Runs a command until its output has a text. */
  private static Ran awaited(GatewayServer server, String text, String... args) {
    Ran ran = run(server, args);
    for (int i = 0; i < 500 && !ran.out().contains(text); i++) {
      LockSupport.parkNanos(20_000_000);
      ran = run(server, args);
    }
    return ran;
  }

  @Test
  void whatIsWrongIsSaidInOneLine() {
    GatewayServer server = start();
    Ran ran = run(server, "keys", "limit", "--tenant", "acme", "--usd", "much");
    assertEquals(2, ran.code());
    assertTrue(ran.out().contains("--usd: much (expected: a number >= 0 of at most"), ran.out());
    Ran tokens = run(server, "keys", "limit", "--tenant", "acme", "--tokens", "1.5");
    assertTrue(tokens.out().contains("--tokens: 1.5 (expected: a whole number"), tokens.out());
    Ran huge = run(server, "keys", "limit", "--tenant", "acme", "--usd", "9e9");
    assertTrue(huge.out().contains("expected: 0 to 1000000000000000000"), huge.out());
    Ran blank = run(server, "keys", "limit", "--tenant", "acme ", "--tokens", "1");
    assertTrue(blank.out().contains("no blanks at its ends"), blank.out());
    Ran callers = run(server, "audit", "--callers", "nowhere.csv");
    assertEquals(2, callers.code());
    assertTrue(callers.out().contains("--callers: nowhere.csv (expected: a file"), callers.out());
    assertEquals(2, run(server, "keys", "issue", "no blanks", "--tenant", "a").code());
    assertEquals(2, run(server, "usage", "--from", "2026-12-01", "--to", "2026-11-01").code());
  }
}
