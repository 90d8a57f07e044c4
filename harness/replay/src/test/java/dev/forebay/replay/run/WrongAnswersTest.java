package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.asking;
import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Service;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that have the right length and are not the right ones are found, in every run. */
class WrongAnswersTest {

  @TempDir private Path folder;

  @Test
  void aCacheThatIgnoresTheTenantIsFound() {
    Trace trace = trace(asking(7, at(0)).from("x", null), asking(7, at(1_000)).from("y", null));
    Row row = cached(Ignored.TENANT, trace);
    assertEquals(1, row.ok());
    assertEquals(Map.of("other_tenants_answer", 1L), row.wrong());
    assertEquals(0, row.failed());
    assertEquals(0.5, row.answeredOfOffered());
    assertEquals((140 + 30_000) / 2.0, row.latencies().all().mean(), 1e-6);
  }

  @Test
  void aCacheThatIgnoresTheModelIsFound() {
    Trace trace = trace(to("a", 0), to("b", 1_000), to("a", 2_000));
    Row row = cached(Ignored.MODEL, trace);
    assertEquals(2, row.ok());
    assertEquals(Map.of("other_answer", 1L), row.wrong());
  }

  @Test
  void aCacheThatIgnoresThePromptIsFound() {
    Trace trace = trace(asking(7, at(0)), asking(8, at(1_000)));
    assertEquals(Map.of("other_answer", 1L), cached(Ignored.PROMPT, trace).wrong());
  }

  @Test
  void aCacheThatTellsThemApartIsRight() {
    Trace trace =
        trace(
            asking(7, at(0)).from("x", null),
            asking(7, at(1_000)).from("y", null),
            to("a", 2_000),
            to("b", 3_000),
            asking(7, at(4_000)).from("x", null));
    Row row = cached(Ignored.NOTHING, trace);
    assertEquals(5, row.ok());
    assertEquals(Map.of(), row.wrong());
    assertEquals(0.2, row.cacheHitRate(), 1e-9);
  }

  /**
   * The second of two callers gets its own beginning, and then pieces of the first one's answer.
   */
  @Test
  void aCallThatMixesTheAnswersOfTwoIsFound() {
    Row row =
        Bench.row(
            folder,
            Bench.REGISTRY.with(Mixing.class),
            "[mixing, { balance: round-robin }]",
            trace(asking(7, at(0)), asking(8, at(1_000))));
    assertEquals(1, row.ok());
    assertEquals(Map.of("other_answer", 1L), row.wrong());
  }

  @Test
  void anAnswerThatNoServerGaveIsFound() {
    Row row =
        Bench.row(
            folder,
            Bench.REGISTRY.with(Inventing.class),
            "[inventing, { balance: round-robin }]",
            trace(at(0)));
    assertEquals(Map.of("unknown_answer", 1L), row.wrong());
  }

  private Row cached(Ignored ignored, Trace trace) {
    return Bench.row(
        folder,
        Bench.REGISTRY.with(Planted.class),
        "[{ cache: { store: { plugin: planted, ignored: %s } } }, { balance: round-robin }]"
            .formatted(Names.kebab(ignored.name())),
        trace);
  }

  private static TraceRequest to(String model, long millis) {
    return asking(9, at(millis)).asking(model, 1, true);
  }

  /** What a cache leaves out of the key. */
  enum Ignored {
    NOTHING,
    TENANT,
    MODEL,
    PROMPT
  }

  /** A cache that looks up by a part of the key only. */
  @Doc("None.")
  record Planted(Ignored ignored) implements Plugin<ResponseCache> {

    private PromptKey part(PromptKey key) {
      return switch (ignored) {
        case NOTHING -> key;
        case TENANT -> new PromptKey(key.high() & 0xffff_ffffL, key.low());
        case MODEL -> new PromptKey(key.high() >>> 32, key.low());
        case PROMPT -> new PromptKey(key.high(), 0);
      };
    }

    @Override
    public ResponseCache create(PluginContext context) {
      Map<PromptKey, CachedAnswer> answers = new HashMap<>();
      return new ResponseCache() {
        @Override
        public Future<@Nullable CachedAnswer> get(PromptKey asked, InferenceRequest request) {
          return Future.succeededFuture(answers.get(part(asked)));
        }

        @Override
        public Future<Void> put(PromptKey asked, InferenceRequest request, CachedAnswer answer) {
          answers.put(part(asked), answer);
          return Future.succeededFuture();
        }

        @Override
        public Future<Void> invalidate(PromptKey asked) {
          answers.remove(part(asked));
          return Future.succeededFuture();
        }
      };
    }
  }

  /** Gives the last piece of content of the first answer in the place of that of later ones. */
  @Doc("None.")
  record Mixing() implements Plugin<Filter> {

    @Override
    public Filter create(PluginContext context) {
      Map<Integer, Chunk> first = new HashMap<>();
      return (request, next) -> {
        int[] place = {0};
        return replaced(request, next, chunk -> swapped(chunk, place[0]++, first));
      };
    }

    private static Chunk swapped(Chunk chunk, int place, Map<Integer, Chunk> first) {
      Chunk known = first.putIfAbsent(place, chunk);
      boolean late = place >= 4 && chunk.kind() == Chunk.Kind.CONTENT;
      return known == null || !late ? chunk : known;
    }
  }

  /** Makes up content of the right length. */
  @Doc("None.")
  record Inventing() implements Plugin<Filter> {

    @Override
    public Filter create(PluginContext context) {
      return (request, next) ->
          replaced(
              request,
              next,
              chunk ->
                  chunk.kind() == Chunk.Kind.CONTENT
                      ? Chunk.content(Buffer.buffer("data: {}\n\n"), chunk.tokens())
                      : chunk);
    }
  }

  private static Future<InferenceResponse> replaced(
      InferenceRequest request, Service next, UnaryOperator<Chunk> replace) {
    return next.serve(request)
        .map(
            head ->
                head.with(
                    new TokenStream() {
                      @Override
                      public Future<Chunk> next() {
                        return head.tokens().next().map(replace);
                      }

                      @Override
                      public void cancel() {
                        head.tokens().cancel();
                      }

                      @Override
                      public Future<Outcome> outcome() {
                        return head.tokens().outcome();
                      }
                    }));
  }
}
