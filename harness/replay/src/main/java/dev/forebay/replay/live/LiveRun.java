package dev.forebay.replay.live;

import dev.forebay.core.cost.Price;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.Spent;
import dev.forebay.replay.run.Tally;
import dev.forebay.replay.trace.JsonlWriter;
import dev.forebay.replay.trace.Trace;
import io.vertx.core.json.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One live run: upstream, gateway and client, each a process, and what they say at the end.
 *
 * @param scenario whose name or file the upstream reads
 * @param source name or file of the scenario
 * @param options how it is run
 * @param clientPath class path of the client
 */
record LiveRun(Scenario scenario, String source, LiveOptions options, String clientPath) {

  private static final int MEGABYTES = 512;

  /** Beyond the span of the trace: sessions and retries go on for so long at most. */
  private static final Duration LONGEST_TAIL = Duration.ofMinutes(10);

  /** A gateway that was asked for more than its processors can do is still busy at the end. */
  private static final Duration ANSWER = Duration.ofMinutes(1);

  private static final Pattern COUNT = Pattern.compile("> Global\\s*\\|\\s*([\\d,]+)\\s*\\|");
  private static final double HOUR = 3600e9;

  /**
   * What came of it.
   *
   * @param row the columns
   * @param proof what the client says of itself
   * @param counts what client, gateway and upstream counted
   */
  record Outcome(Row row, ClientProof proof, LiveCounts counts) {}

  /** Runs. */
  Outcome run(Combination combination, long seed, Trace trace, Path folder) {
    Lengths lengths = new Lengths(trace);
    boolean emulated = options.upstream() == null;
    LivePlan plan =
        new LivePlan(
            trace,
            lengths,
            scenario.objective(),
            scenario.callers(),
            options.warmUp(),
            emulated,
            options.model());
    try (LiveProcess upstream = emulated ? upstream(combination, seed, trace, folder) : null) {
      Map<String, String> urls = urls(upstream);
      Path document = folder.resolve("gateway.yaml");
      write(document, GatewayFile.of(combination.document(), urls, plan.keys()));
      try (LiveProcess gateway = gateway(document, folder)) {
        String url = gateway.line("forebay: listening on ");
        String administration = gateway.line("forebay: administration on ");
        plan.write(folder.resolve("plan.jsonl"), url);
        long counted = drive(folder, trace);
        gateway.running();
        if (upstream != null) {
          upstream.running();
        }
        LiveResults results =
            new LiveResults(folder.resolve("results.jsonl"), trace, lengths, emulated);
        JsonObject state = state(administration);
        JsonObject figures = figures(upstream);
        return outcome(combination, seed, results, counted, state, figures);
      }
    }
  }

  private LiveProcess upstream(Combination combination, long seed, Trace trace, Path folder) {
    Path file = folder.resolve("trace.jsonl");
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      JsonlWriter.write(trace, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> program =
        new ArrayList<>(
            List.of(
                options.program(),
                "live-upstream",
                source,
                combination.name(),
                "jsonl:" + file,
                Long.toString(seed)));
    plugins(program);
    return LiveProcess.java(
        "upstream", folder, System.getProperty("java.class.path", ""), MEGABYTES, program);
  }

  private LiveProcess gateway(Path document, Path folder) {
    List<String> program =
        new ArrayList<>(
            List.of(options.program(), "serve", document.toString(), "--until-input-ends"));
    plugins(program);
    return LiveProcess.java(
        "gateway", folder, System.getProperty("java.class.path", ""), MEGABYTES, program);
  }

  private void plugins(List<String> program) {
    if (options.plugins() != null) {
      program.addAll(List.of("--plugins", options.plugins().toString()));
    }
  }

  private Map<String, String> urls(@Nullable LiveProcess upstream) {
    if (upstream == null) {
      return Map.of("", String.valueOf(options.upstream()));
    }
    Map<String, String> urls = new LinkedHashMap<>();
    new JsonObject(upstream.line("upstream "))
        .forEach(url -> urls.put(url.getKey(), url.getValue().toString()));
    return urls;
  }

  /** How many requests Gatling counted. */
  private long drive(Path folder, Trace trace) {
    try (LiveProcess client =
        LiveProcess.java(
            "client",
            folder,
            clientPath,
            MEGABYTES,
            List.of(
                "dev.forebay.live.LiveClient",
                folder.resolve("plan.jsonl").toString(),
                folder.resolve("results.jsonl").toString(),
                folder.resolve("gatling").toString()))) {
      Duration span = Duration.ofMillis((long) (trace.spanSeconds() * 1000));
      String said = client.untilEnd(span.plus(LONGEST_TAIL));
      long counted = 0;
      for (Matcher each = COUNT.matcher(said); each.find(); ) {
        counted = Long.parseLong(each.group(1).replace(",", ""));
      }
      return counted;
    }
  }

  private static JsonObject state(String administration) {
    CompletableFuture<String> asked =
        CompletableFuture.supplyAsync(
            () -> {
              // Asked once: there is no connection to use again.
              try (InputStream in = URI.create(administration + "/state").toURL().openStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      return new JsonObject(asked.get(ANSWER.toSeconds(), TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      throw new IllegalStateException("gateway: /state failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "gateway: no answer of /state within " + ANSWER.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static JsonObject figures(@Nullable LiveProcess upstream) {
    if (upstream == null) {
      return new JsonObject().put("servers", new JsonObject()).put("log", new JsonObject());
    }
    upstream.tell("figures");
    return new JsonObject(upstream.line("figures "));
  }

  private Outcome outcome(
      Combination combination,
      long seed,
      LiveResults results,
      long counted,
      JsonObject state,
      JsonObject figures) {
    Tally tally = new Tally(scenario.objective());
    results.tell(tally);
    SortedMap<String, Long> counters = new TreeMap<>();
    state
        .getJsonObject("counters", new JsonObject())
        .forEach(one -> counters.put(one.getKey(), ((Number) one.getValue()).longValue()));
    if (tally.retries() > 0) {
      counters.put("callers.retries", tally.retries());
    }
    JsonObject servers = figures.getJsonObject("servers");
    Map<String, Long> sent = new LinkedHashMap<>();
    servers.fieldNames().forEach(id -> sent.put(id, servers.getJsonObject(id).getLong("sent")));
    Row row =
        tally.row(
            combination.name(),
            seed,
            results.traffic(),
            null,
            spent(servers, tally),
            sent,
            counters,
            new TreeMap<>());
    return new Outcome(
        row,
        results.proof(
            combination.name(),
            seed,
            row.ok() == 0 ? 0 : row.latency().p50(),
            counted,
            figures.getDouble("timerLagMillis", 0.0)),
        new LiveCounts(
            combination.name(),
            seed,
            results.counts(),
            counted,
            state,
            figures.getJsonObject("log"),
            figures.getBoolean("crashes", false)));
  }

  /** Every model at its price of now; tokens of the warm-up are not among them. */
  private Spent spent(JsonObject servers, Tally tally) {
    Price price = scenario.prices().of("", System.currentTimeMillis());
    double cost = 0;
    double busy = 0;
    double slots = 0;
    double work = 0;
    long throttled = 0;
    double hours = servers.size() * tally.nanos() / HOUR;
    for (String id : servers.fieldNames()) {
      JsonObject one = servers.getJsonObject(id);
      cost +=
          price.of(
              one.getLong("cachedTokens"),
              one.getLong("prefilledTokens"),
              one.getLong("decodedTokens"));
      busy += one.getLong("busySlotNanos");
      slots += (double) one.getInteger("slots") * tally.nanos();
      work += one.getLong("workNanos") / HOUR;
      throttled += one.getLong("throttled");
    }
    return new Spent(
        cost,
        price.of(0, tally.savedPromptTokens(), tally.savedOutputTokens()),
        slots == 0 ? 0 : Math.min(1, busy / slots),
        hours == 0 ? 0 : Math.min(1, work / hours),
        hours,
        hours * scenario.replicaPrice(),
        throttled);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
