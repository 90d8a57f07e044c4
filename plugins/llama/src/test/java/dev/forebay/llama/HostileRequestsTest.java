package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Backend;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Callers at random who leave, ask wrongly, ask for too much, or send what is no text. With {@code
 * -Dforebay.hostile.requests=10000} it is the long version.
 */
class HostileRequestsTest {

  private static final int REQUESTS = Integer.getInteger("forebay.hostile.requests", 400);
  private static final int AT_ONCE = 24;
  private static final long SEED = Long.getLong("forebay.hostile.seed", 1L);
  private static final int SLOTS = 4;
  private static final int QUEUE = 12;
  private static final long GROWTH_KILOBYTES = 150_000;

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx);
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Semaphore open = new Semaphore(AT_ONCE);
  private final Map<Status, AtomicInteger> endings = new EnumMap<>(Status.class);

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void noSlotIsLostAndNothingGrows() throws Exception {
    Backend backend =
        LlamaProvider.backend(
                LlamaOptions.of("local", TinyModel.path()).withBounds(SLOTS, 512, QUEUE))
            .create(stage.context());
    for (Status status : Status.values()) {
      endings.put(status, new AtomicInteger());
    }
    long before = 0;
    for (int i = 0; i < REQUESTS; i++) {
      if (i == REQUESTS / 4) {
        before = residentKilobytes();
      }
      open.acquire();
      request(backend);
    }
    open.acquire(AT_ONCE);
    long after = residentKilobytes();
    System.out.println(
        "hostile: seed "
            + SEED
            + ", "
            + REQUESTS
            + " requests, "
            + endings
            + ", resident "
            + before
            + " kB at a quarter, "
            + after
            + " kB at the end");
    assertEquals(REQUESTS, endings.values().stream().mapToInt(AtomicInteger::get).sum());
    assertEquals(0, ended(Status.INTERNAL).get(), "nothing broke");
    assertTrue(after - before < GROWTH_KILOBYTES, () -> "memory grew to " + after + " kB");
    Asking asking = new Asking(stage, backend);
    for (int i = 0; i < 2 * SLOTS; i++) {
      assertNull(asking.ask(Asking.chat("Hello")).failure(), "every slot still answers");
    }
  }

  private void request(Backend backend) {
    Call call = Call.root(stage.home());
    Operation operation = random.nextInt(4) == 0 ? Operation.COMPLETION : Operation.CHAT;
    boolean stream = random.nextBoolean();
    Buffer body = body(operation, stream);
    int readUntil = random.nextInt(3) == 0 ? random.nextInt(12) : Integer.MAX_VALUE;
    boolean leavesAtOnce = random.nextInt(10) == 0;
    stage
        .home()
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
                stage.home().after(0, () -> next(stream, left - 1));
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
      return Buffer.buffer(noise(random.nextInt(200)));
    }
    if (kind == 1) {
      return Buffer.buffer("{\"prompt\":\"").appendBytes(noise(40)).appendString("\"}");
    }
    JsonObject body =
        Asking.chat(text()).put("stream", stream).put("max_tokens", random.nextInt(24));
    if (operation == Operation.COMPLETION) {
      body.remove("messages");
      body.put("prompt", text());
    }
    switch (random.nextInt(10)) {
      case 0 -> body.put("temperature", random.nextDouble() * 6 - 2);
      case 1 -> body.put("stop", random.nextBoolean() ? "" : "a");
      case 2 -> body.put("logit_bias", new JsonObject().put("" + random.nextInt(), -100));
      case 3 -> body.put("response_format", new JsonObject().put("type", "json_object"));
      case 4 -> body.put("seed", random.nextInt()).put("temperature", 1.5).put("top_k", 0);
      case 5 -> body.put("max_tokens", random.nextLong());
      default -> body.put("top_p", random.nextDouble());
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
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(random.nextInt(8) == 0 ? (char) random.nextInt(0x10000) : (char) ('a' + i % 26));
    }
    return text.toString();
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static long residentKilobytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }
}
