package dev.forebay.llama;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.Call;
import dev.forebay.spi.Operation;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CountDownLatch;

/** A process that ends while a model computes: arguments are how, and the model's path. */
final class EndMain {

  /** With which it exits. */
  static final int CODE = 7;

  private static final int CONTEXT = 32_768;
  private static final int THREADS = 4;
  private static final int CHUNKS = 200; // that are read before the end

  private EndMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    String way = arguments[0];
    EventLoopStage stage = new EventLoopStage(Vertx.vertx(), 1);
    Llama options = // more threads and plain attention: crashes are likelier
        Llama.of("local", arguments[1])
            .withSlots(2)
            .withContext(CONTEXT)
            .withQueue(4)
            .withThreads(THREADS)
            .withFlashAttention(false);
    Backend backend = options.create(stage.context());
    if (way.equals("loading")) {
      backend.prepare();
      System.exit(CODE);
    }
    int words = way.equals("prompt") ? CONTEXT / 4 : 1;
    Call call = Call.root(stage.requestTimeline());
    CountDownLatch said = new CountDownLatch(2);
    ask(stage, backend, "ab ".repeat(words), call, said);
    ask(stage, backend, "cd ".repeat(words), call, said);
    if (way.equals("prompt")) {
      while (!backend.ready() || backend.load() < 1) {
        Thread.onSpinWait();
      }
    } else {
      said.await();
    }
    end(way, stage, backend, call);
  }

  private static void end(String way, EventLoopStage stage, Backend backend, Call call)
      throws InterruptedException {
    switch (way) {
      case "leave" -> call.end();
      case "drain" ->
          Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(stage, backend, call)));
      case "signal" -> {
        System.out.println("@");
        new CountDownLatch(1).await();
      }
      default -> {}
    }
    System.exit(CODE);
  }

  /** As a gateway's close does it. */
  private static void drain(EventLoopStage stage, Backend backend, Call call) {
    backend.draining();
    stage.quiet();
    call.end();
    backend.close().toCompletionStage().toCompletableFuture().join();
    Runtime.getRuntime().halt(CODE);
  }

  private static void ask(
      EventLoopStage stage, Backend backend, String content, Call call, CountDownLatch said) {
    JsonObject body =
        Asking.chat(content)
            .put("stream", true)
            .put("max_tokens", CONTEXT)
            .put("logit_bias", new JsonObject().put("2", -100));
    stage
        .requestTimeline()
        .execute(
            () ->
                backend
                    .serve(Asking.request(Operation.CHAT, body.toBuffer(), true, call))
                    .onSuccess(head -> read(head.tokens(), CHUNKS, said)));
  }

  private static void read(TokenStream tokens, int left, CountDownLatch said) {
    if (left == 0) {
      said.countDown();
    } else {
      tokens.next().onSuccess(chunk -> read(tokens, left - 1, said));
    }
  }
}
