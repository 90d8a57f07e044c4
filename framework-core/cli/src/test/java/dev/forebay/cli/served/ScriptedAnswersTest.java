package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.Question;
import dev.forebay.servers.ScriptedUpstream;
import dev.forebay.servers.ScriptedUpstream.Exchange;
import dev.forebay.servers.Verdict;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two tenants ask an upstream that sends anything. Whatever it sends: no caller gets another's
 * answer, no broken answer counts as a good one or is kept, and no connection is used that should
 * not be.
 */
class ScriptedAnswersTest {

  /** Requests of all seeds together: {@code -Dforebay.scripted.requests=100000}. */
  private static final int REQUESTS = Integer.getInteger("forebay.scripted.requests", 12_000);

  private static final int SEEDS = 4;
  private static final int WORKERS = 12;
  private static final int LARGE = 3 << 20; // more than a socket takes at once

  private static final Pattern MARKER = Pattern.compile("\\[\\[([^\\]]*)]]");

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger complete = new AtomicInteger();
  private final AtomicInteger hits = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  @Timeout(3600)
  void onlyRightAnswersAreAnswers(long seed) throws Exception {
    String retry = seed % 2 == 0 ? "  - retry: { attempts: 3 }\n" : "";
    try (ScriptedUpstream upstream = ScriptedUpstream.start(seed);
        Fronted gateway = new Fronted(document(upstream, retry), Map.of())) {
      run(seed, upstream, gateway);
      wrong.addAll(upstream.violations());
      System.out.printf(
          "seed %d: %d requests, %d complete answers, %d of them hits, %d connections%n",
          seed, asked.get(), complete.get(), hits.get(), upstream.connections());
    }
    assertEquals(List.of(), wrong.stream().limit(20).toList(), "seed " + seed);
    assertTrue(complete.get() > asked.get() / 3, "seed " + seed + ": " + complete + " complete");
    assertTrue(hits.get() > asked.get() / 20, "seed " + seed + ": " + hits + " hits");
  }

  private static String document(ScriptedUpstream upstream, String retry) {
    return """
    keys:
      - { id: alice, key: sk-alice, tenant: alice }
      - { id: bob, key: sk-bob, tenant: bob }
    models: [m]
    pipeline:
      - cache: { store: tinylfu }
    %s  - balance: round-robin
    backends:
      - { plugin: openai, id: upstream, url: "%s/v1", max-connections: %d }
    """
        .formatted(retry, upstream.url(), WORKERS);
  }

  private void run(long seed, ScriptedUpstream upstream, Fronted gateway) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      workers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (asked.get() < REQUESTS / SEEDS) {
                      int number = next.getAndIncrement();
                      new Asking(upstream, gateway, seed, number).all();
                    }
                  }));
    }
    for (Thread worker : workers) {
      worker.join();
    }
  }

  /** One question, of both tenants. */
  private final class Asking {
    private final ScriptedUpstream upstream;
    private final Fronted gateway;
    private final RandomGenerator chance;
    private final Question question;
    private final String body;
    private final boolean large;
    private final Set<String> answered = new HashSet<>();

    Asking(ScriptedUpstream upstream, Fronted gateway, long seed, int number) {
      this.upstream = upstream;
      this.gateway = gateway;
      this.chance = new SplittableRandom(seed * 1_000_003 + number);
      String marker = "s" + seed + "-" + number;
      boolean stream = chance.nextBoolean();
      this.question = new Question(marker, stream, 1 + chance.nextInt(5) / 4);
      this.large = chance.nextInt(500) == 0;
      this.body =
          new JsonObject()
              .put("messages", List.of(Map.of("role", "user", "content", question.prompt())))
              .put("model", "m")
              .put("stream", question.stream())
              .put("n", question.choices())
              .put("user", large ? "x".repeat(LARGE) : "x")
              .encode();
    }

    void all() {
      ask("alice");
      if (chance.nextBoolean()) {
        ask("alice");
      }
      ask("bob");
      if (chance.nextInt(4) == 0) {
        ask(chance.nextBoolean() ? "bob" : "alice");
      }
      upstream.forget(question.marker());
    }

    private void ask(String tenant) {
      asked.incrementAndGet();
      int before = upstream.exchanges(question.marker()).size();
      HttpResponse<String> response;
      try {
        response = gateway.post("sk-" + tenant, body);
      } catch (IOException | InterruptedException cut) {
        wrong.add(question.marker() + ": the gateway's answer broke: " + cut);
        return;
      }
      List<Exchange> all = upstream.exchanges(question.marker());
      String problem = judge(tenant, response, all.subList(before, all.size()));
      if (problem != null) {
        wrong.add(
            "%s of %s: %s: %s, headers %s, exchanges %s, body %s"
                .formatted(
                    question,
                    tenant,
                    problem,
                    response.statusCode(),
                    response.headers().map(),
                    all.subList(before, all.size()),
                    response.body().substring(0, Math.min(900, response.body().length()))));
      }
    }

    private @Nullable String judge(
        String tenant, HttpResponse<String> response, List<Exchange> exchanges) {
      Matcher markers = MARKER.matcher(response.body());
      while (markers.find()) {
        if (!markers.group(1).equals(question.marker())) {
          return "another's answer";
        }
      }
      Said said = Said.in(response, question);
      for (int i = 0; i < question.choices(); i++) {
        if (!question.answer(i).startsWith(said.content.get(i))) {
          return "not what the upstream said";
        }
      }
      boolean kept =
          Set.of("hit", "stale", "joined")
              .contains(response.headers().firstValue("x-forebay-cache").orElse(""));
      if (kept && !answered.contains(tenant)) {
        return "a hit of an answer that was not good, or of another tenant";
      }
      boolean mayBeGood = exchanges.stream().anyMatch(each -> each.verdict() != Verdict.BROKEN);
      boolean good =
          !exchanges.isEmpty() && !large && exchanges.getLast().verdict() == Verdict.GOOD;
      if (!said.complete) {
        return good || kept ? "a good answer is lost" : null;
      }
      complete.incrementAndGet();
      hits.addAndGet(kept ? 1 : 0);
      answered.add(tenant);
      for (int i = 0; i < question.choices(); i++) {
        if (!question.answer(i).equals(said.content.get(i))) {
          return "a part of an answer counts as all of it";
        }
      }
      return kept || mayBeGood ? null : "a broken answer counts as a good one";
    }
  }

  /** What a caller reads in the gateway's answer. */
  private static final class Said {
    private final List<String> content = new ArrayList<>();
    private boolean complete;

    static Said in(HttpResponse<String> response, Question question) {
      Said said = new Said();
      for (int i = 0; i < question.choices(); i++) {
        said.content.add("");
      }
      if (response.statusCode() == 200) {
        if (question.stream()) {
          said.stream(response.body());
        } else {
          said.whole(response.body());
        }
      }
      return said;
    }

    private void whole(String body) {
      try {
        JsonObject answer = new JsonObject(body);
        add(answer.getJsonArray("choices"), "message");
        complete = answer.getValue("error") == null;
      } catch (DecodeException cut) {
        complete = false;
      }
    }

    private void stream(String body) {
      boolean failed = false;
      for (String line : body.split("\n")) {
        if (line.startsWith("data: {")) {
          JsonObject event = new JsonObject(line.substring(6));
          failed |= event.containsKey("error");
          add(event.getJsonArray("choices"), "delta");
        }
      }
      complete = !failed && body.endsWith("data: [DONE]\n\n");
    }

    private void add(JsonArray choices, String part) {
      for (int i = 0; choices != null && i < choices.size(); i++) {
        JsonObject choice = choices.getJsonObject(i);
        int index = choice.getInteger("index");
        String more = choice.getJsonObject(part).getString("content", "");
        content.set(index, content.get(index) + more);
      }
    }
  }
}
