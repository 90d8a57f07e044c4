package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.asking;
import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Provider;
import dev.forebay.spi.ResponseCache;
import dev.forebay.spi.Service;
import dev.forebay.spi.TokenStream;
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

  private static final String CACHED = "[{ cache: { store: planted } }, { balance: round-robin }]";

  @TempDir private Path folder;

  @Test
  void aCacheThatIgnoresTheTenantIsFound() {
    Trace trace = trace(asking(7, at(0)).from("x", null), asking(7, at(1_000)).from("y", null));
    Row row = cached(key -> new PromptKey(key.high() & 0xffff_ffffL, key.low()), trace);
    assertEquals(1, row.ok());
    assertEquals(Map.of("other_tenants_answer", 1L), row.wrong());
    assertEquals(0, row.failed());
    assertEquals(0.5, row.answeredOfOffered());
    assertEquals((140 + 30_000) / 2.0, row.latencies().all().mean(), 1e-6);
  }

  @Test
  void aCacheThatIgnoresTheModelIsFound() {
    Trace trace = trace(to("a", 0), to("b", 1_000), to("a", 2_000));
    Row row = cached(key -> new PromptKey(key.high() >>> 32, key.low()), trace);
    assertEquals(2, row.ok());
    assertEquals(Map.of("other_answer", 1L), row.wrong());
  }

  @Test
  void aCacheThatIgnoresThePromptIsFound() {
    Trace trace = trace(asking(7, at(0)), asking(8, at(1_000)));
    assertEquals(
        Map.of("other_answer", 1L), cached(key -> new PromptKey(key.high(), 0), trace).wrong());
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
    Row row = cached(key -> key, trace);
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
            Bench.REGISTRY.with(new Mixing()),
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
            Bench.REGISTRY.with(new Inventing()),
            "[inventing, { balance: round-robin }]",
            trace(at(0)));
    assertEquals(Map.of("unknown_answer", 1L), row.wrong());
  }

  private Row cached(UnaryOperator<PromptKey> key, Trace trace) {
    return Bench.row(folder, Bench.REGISTRY.with(new Planted(key)), CACHED, trace);
  }

  private static TraceRequest to(String model, long millis) {
    return asking(9, at(millis)).asking(model, 1, true);
  }

  /** No options. */
  @Doc("None.")
  record Options() {}

  /** A cache that looks up by a part of the key only. */
  private record Planted(UnaryOperator<PromptKey> key) implements Provider<ResponseCache, Options> {

    @Override
    public Class<ResponseCache> kind() {
      return ResponseCache.class;
    }

    @Override
    public String name() {
      return "planted";
    }

    @Override
    public Class<Options> options() {
      return Options.class;
    }

    @Override
    public ResponseCache create(Options options, PluginContext context) {
      Map<PromptKey, CachedAnswer> answers = new HashMap<>();
      return new ResponseCache() {
        @Override
        public Future<@Nullable CachedAnswer> get(PromptKey asked) {
          return Future.succeededFuture(answers.get(key.apply(asked)));
        }

        @Override
        public Future<Void> put(PromptKey asked, CachedAnswer answer) {
          answers.put(key.apply(asked), answer);
          return Future.succeededFuture();
        }

        @Override
        public Future<Void> invalidate(PromptKey asked) {
          answers.remove(key.apply(asked));
          return Future.succeededFuture();
        }
      };
    }
  }

  /** A filter of somebody else's. */
  private abstract static class Planting implements Provider<Filter, Options> {

    @Override
    public Class<Filter> kind() {
      return Filter.class;
    }

    @Override
    public Class<Options> options() {
      return Options.class;
    }
  }

  /** Gives the last piece of content of the first answer in the place of that of later ones. */
  private static final class Mixing extends Planting {

    @Override
    public String name() {
      return "mixing";
    }

    @Override
    public Filter create(Options options, PluginContext context) {
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
  private static final class Inventing extends Planting {

    @Override
    public String name() {
      return "inventing";
    }

    @Override
    public Filter create(Options options, PluginContext context) {
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
