package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What was put is read, or nothing is: never something else. */
class AnswerFormatTest {

  private static final PromptKey KEY = new PromptKey(-1, 2);

  @Property(tries = 300)
  void whatWasWrittenIsRead(
      @ForAll long seed, @ForAll @IntRange(max = 60) int chunks, @ForAll boolean compressed) {
    CachedAnswer answer = answer(seed, chunks);
    AnswerFormat format = new AnswerFormat(compressed ? 0 : Long.MAX_VALUE);
    assertEquals(answer, format.decode(KEY, format.encode(KEY, answer)));
  }

  @Property(tries = 300)
  void aValueThatChangedAnywhereIsNotRead(
      @ForAll long seed,
      @ForAll @IntRange(max = 100_000) int at,
      @ForAll @IntRange(min = 1, max = 255) int change,
      @ForAll boolean compressed) {
    AnswerFormat format = new AnswerFormat(compressed ? 0 : Long.MAX_VALUE);
    byte[] value = format.encode(KEY, answer(seed, 5)).getBytes();
    value[at % value.length] ^= (byte) change;
    assertNull(format.decode(KEY, Buffer.buffer(value)));
  }

  @Property(tries = 200)
  void aValueThatWasCutOrGrewIsNotRead(
      @ForAll long seed, @ForAll @IntRange(max = 100_000) int size) {
    AnswerFormat format = new AnswerFormat(200);
    byte[] value = format.encode(KEY, answer(seed, 5)).getBytes();
    int length = size % (2 * value.length);
    Assume.that(length != value.length);
    assertNull(format.decode(KEY, Buffer.buffer(Arrays.copyOf(value, length))));
  }

  @Property(tries = 100)
  void theValueOfAnotherKeyIsNotRead(@ForAll @IntRange(max = 127) int bit) {
    AnswerFormat format = new AnswerFormat(200);
    PromptKey other =
        bit < 64
            ? new PromptKey(KEY.high() ^ (1L << bit), KEY.low())
            : new PromptKey(KEY.high(), KEY.low() ^ (1L << (bit - 64)));
    assertNull(format.decode(other, format.encode(KEY, answer(1, 5))));
  }

  @Property(tries = 300)
  void whatNobodyWroteIsNotRead(@ForAll byte[] bytes) {
    assertNull(new AnswerFormat(200).decode(KEY, Buffer.buffer(bytes)));
  }

  @Example
  void aStreamShrinksToAFraction() {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      chunks.add(
          Chunk.content(
              Buffer.buffer(
                  "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"choices\":"
                      + "[{\"index\":0,\"delta\":{\"content\":\" word"
                      + i
                      + "\"}}]}\n\n"),
              1));
    }
    chunks.add(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
    CachedAnswer answer =
        new CachedAnswer("a", 200, Headers.EMPTY, chunks, Usage.NONE, 0, ChunkTimes.UNKNOWN);
    int plain = new AnswerFormat(Long.MAX_VALUE).encode(KEY, answer).length();
    int small = new AnswerFormat(0).encode(KEY, answer).length();
    assertTrue(small < plain / 8, plain + " bytes became " + small);
  }

  private static CachedAnswer answer(long seed, int chunks) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Chunk> all = new ArrayList<>();
    int[] times = new int[chunks + 1];
    for (int i = 0; i < chunks; i++) {
      byte[] data = new byte[random.nextInt(200)];
      random.nextBytes(data);
      Chunk.Kind[] kinds = Chunk.Kind.values();
      all.add(
          new Chunk(
              Buffer.buffer(data),
              kinds[random.nextInt(kinds.length)],
              random.nextInt(1_000),
              false));
      times[i + 1] = times[i] + random.nextInt(100_000);
    }
    all.add(Chunk.whole(Buffer.buffer("data: ü€\n\n"), 1));
    Headers headers = Headers.EMPTY;
    for (int i = random.nextInt(4); i > 0; i--) {
      headers = headers.with("x-" + i, "välue " + random.nextInt());
    }
    return new CachedAnswer(
        "endpoint-" + random.nextInt(9),
        200 + random.nextInt(100),
        headers,
        all,
        new Usage(random.nextInt() >>> 1, random.nextInt(9), random.nextInt(9_999), 0),
        random.nextLong(),
        random.nextBoolean() ? ChunkTimes.of(times) : ChunkTimes.UNKNOWN);
  }
}
