package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Callers at random who leave, ask wrongly, ask for too much, or send what is no text. With {@code
 * -Dforebay.hostile.requests=10000} it is the long version.
 */
class HostileRequestsTest {

  private static final int REQUESTS = Integer.getInteger("forebay.hostile.requests", 400);
  private static final int AT_ONCE = 22;
  private static final long SEED = Long.getLong("forebay.hostile.seed", 1L);
  private static final int SLOTS = 4;
  private static final int QUEUE = AT_ONCE;
  private static final long HEAP_GROWTH_KILOBYTES = 16 << 10;
  private static final long NATIVE_GROWTH_KILOBYTES = 64 << 10; // compiled code is in it

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Semaphore open = new Semaphore(AT_ONCE);
  private final Map<Status, AtomicInteger> endings = new EnumMap<>(Status.class);
  private final Map<Kind, Integer> sent = new EnumMap<>(Kind.class);

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void noSlotIsLostAndNothingGrows() throws Exception {
    Backend backend =
        Llama.of("local", TinyModel.path())
            .withSlots(SLOTS)
            .withContext(512)
            .withQueue(QUEUE)
            .create(stage.context());
    for (Status status : Status.values()) {
      endings.put(status, new AtomicInteger());
    }
    Memory before = Memory.now();
    long began = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      if (i == REQUESTS / 4) {
        open.acquire(AT_ONCE);
        before = Memory.now();
        open.release(AT_ONCE);
      }
      open.acquire();
      request(backend);
    }
    open.acquire(AT_ONCE);
    Memory after = Memory.now();
    System.out.printf(
        "hostile: seed %d, %d requests in %d s, sent %s, ended %s, at a quarter %s, at the end"
            + " %s%n",
        SEED, REQUESTS, (System.nanoTime() - began) / 1_000_000_000L, sent, endings, before, after);
    assertEquals(REQUESTS, endings.values().stream().mapToInt(AtomicInteger::get).sum());
    assertEquals(0, ended(Status.INTERNAL).get(), "nothing broke");
    for (Kind kind : Kind.values()) {
      assertTrue(sent.getOrDefault(kind, 0) > 0, () -> "none of the kind " + kind);
    }
    int answered = ended(Status.OK).get();
    assertTrue(answered > REQUESTS / 4, () -> "only " + answered + " were answered");
    assertTrue(after.heapKilobytes() - before.heapKilobytes() < HEAP_GROWTH_KILOBYTES);
    assertTrue(after.nativeKilobytes() - before.nativeKilobytes() < NATIVE_GROWTH_KILOBYTES);
    everySlotAnswersAtOnce(backend);
  }

  /** As many long answers as there are slots: all have begun before one ends, and none waits. */
  private void everySlotAnswersAtOnce(Backend backend) {
    Buffer body =
        Asking.chat("Hello")
            .put("stream", true)
            .put("max_tokens", 400)
            .put("logit_bias", new JsonObject().put("2", -100))
            .toBuffer();
    List<Call> calls = new ArrayList<>();
    List<Future<InferenceResponse>> heads = new ArrayList<>();
    stage.await(
        () -> {
          for (int i = 0; i < SLOTS; i++) {
            Call call = Call.root(stage.requestTimeline());
            calls.add(call);
            heads.add(backend.serve(Asking.request(Operation.CHAT, body, true, call)));
          }
          return Future.all(heads);
        });
    assertEquals(1, backend.load(), "all slots are at work, and nobody waits");
    calls.forEach(Call::end);
  }

  private void request(Backend backend) {
    Call call = Call.root(stage.requestTimeline());
    Operation operation = random.nextInt(4) == 0 ? Operation.COMPLETION : Operation.CHAT;
    boolean stream = random.nextBoolean();
    Buffer body = body(operation, stream);
    int readUntil = random.nextInt(3) == 0 ? random.nextInt(12) : Integer.MAX_VALUE;
    boolean leavesAtOnce = random.nextInt(10) == 0;
    if (leavesAtOnce || (stream && readUntil < Integer.MAX_VALUE)) {
      sent(Kind.CANCELLED);
    }
    stage
        .requestTimeline()
        .execute(
            () -> {
              Future<InferenceResponse> head =
                  backend.serve(Asking.request(operation, body, stream, call));
              head.onSuccess(response -> read(response.tokens(), call, readUntil))
                  .onFailure(thrown -> over(call, Failure.from(thrown).status()));
              if (leavesAtOnce) {
                call.end();
              }
            });
  }

  private void read(TokenStream stream, Call call, int readUntil) {
    stream.outcome().map(Outcome::status).onSuccess(status -> over(call, status));
    next(stream, readUntil);
  }

  private void next(TokenStream stream, int left) {
    if (left == 0) {
      stream.cancel();
      return;
    }
    stream
        .next()
        .onSuccess(
            chunk -> {
              if (!chunk.last()) {
                stage.requestTimeline().after(0, () -> next(stream, left - 1));
              }
            });
  }

  private AtomicInteger ended(Status status) {
    return Objects.requireNonNull(endings.get(status), status::name);
  }

  private void over(Call call, Status status) {
    ended(status).incrementAndGet();
    call.end();
    open.release();
  }

  private Buffer body(Operation operation, boolean stream) {
    int kind = random.nextInt(12);
    if (kind == 0) {
      sent(Kind.NO_JSON);
      return Buffer.buffer(noise(random.nextInt(200)));
    }
    if (kind == 1) {
      sent(Kind.NO_UTF8);
      return Buffer.buffer("{\"prompt\":\"").appendBytes(noise(40)).appendString("\"}");
    }
    String text = text();
    JsonObject body = Asking.chat(text).put("stream", stream).put("max_tokens", random.nextInt(24));
    if (operation == Operation.COMPLETION) {
      body.remove("messages");
      body.put("prompt", text);
    }
    int parameter = random.nextInt(10);
    switch (parameter) {
      case 0 -> body.put("temperature", random.nextDouble() * 6 - 2);
      case 1 -> body.put("stop", random.nextBoolean() ? "" : "a");
      case 2 -> body.put("logit_bias", new JsonObject().put("" + random.nextInt(), -100));
      case 3 -> body.put("response_format", new JsonObject().put("type", "json_object"));
      case 4 -> body.put("seed", random.nextInt()).put("temperature", 1.5).put("top_k", 0);
      case 5 -> body.put("max_tokens", random.nextLong());
      default -> body.put("top_p", random.nextDouble());
    }
    if (parameter < 6) {
      sent(Kind.ODD_PARAMETER);
    }
    return body.toBuffer();
  }

  private String text() {
    int length =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> 4000;
          default -> random.nextInt(120);
        };
    sent(length == 0 ? Kind.EMPTY : length == 4000 ? Kind.TOO_LONG : Kind.SHORT);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(random.nextInt(8) == 0 ? (char) random.nextInt(0x10000) : (char) ('a' + i % 26));
    }
    return text.toString();
  }

  private void sent(Kind kind) {
    sent.merge(kind, 1, Integer::sum);
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** What is sent; one request may be of several kinds. */
  private enum Kind {
    SHORT,
    EMPTY,
    TOO_LONG,
    ODD_PARAMETER,
    CANCELLED,
    NO_JSON,
    NO_UTF8
  }

  /**
   * What the process holds while nothing runs.
   *
   * @param heapKilobytes in use, after a collection
   * @param nativeKilobytes resident beside the heap; 0 where the system does not say
   */
  private record Memory(long heapKilobytes, long nativeKilobytes) {

    /**
     * Heaps of less than 32 GB lie below, for their short pointers; libraries and what they hold
     * above.
     */
    private static final long ABOVE_THE_HEAP = 64L << 30;

    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ .*");

    static Memory now() throws IOException {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return new Memory((runtime.totalMemory() - runtime.freeMemory()) >> 10, beside());
    }

    private static long beside() throws IOException {
      Path maps = Path.of("/proc/self/smaps");
      long sum = 0;
      boolean above = false;
      for (String line : Files.exists(maps) ? Files.readAllLines(maps) : List.<String>of()) {
        Matcher mapping = MAPPING.matcher(line);
        if (mapping.matches()) {
          above =
              Long.compareUnsigned(Long.parseUnsignedLong(mapping.group(1), 16), ABOVE_THE_HEAP)
                  > 0;
        } else if (above && line.startsWith("Rss:")) {
          sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return sum;
    }
  }
}
