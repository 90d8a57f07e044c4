package dev.forebay.benchmarks;

import de.kherud.llama.LlamaModel;
import dev.forebay.gateway.Gateway;
import dev.forebay.llama.Llama;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The backend through the gateway, over HTTP and streamed, beside the binding alone, in turn.
 *
 * <p>Both have the settings as shipped (fused attention, prefix reuse, a thread per processor), the
 * same slots and context, and one thread per stream that reads token by token. The callers share
 * the machine with the engine, so they are plain sockets: what a caller does with its answer is not
 * the gateway's. Who goes first changes with each round.
 */
final class LlamaGateway {

  private static final int ANSWER_TOKENS = 128;
  private static final int PROMPT_WORDS = 4;
  private static final int WARM_ROUNDS = 6; // until its code is compiled
  private static final Pattern USED = Pattern.compile("\"completion_tokens\":(\\d+)");

  private LlamaGateway() {}

  static void run(Path folder, int rounds, PrintStream out) throws Exception {
    String path = String.valueOf(LlamaBench.models(folder).get("q8_0"));
    LlamaModel library = LlamaEngine.load(path, true);
    Vertx vertx = Vertx.vertx();
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.backends(
                        Llama.of("local", path)
                            .withSlots(LlamaEngine.SLOTS)
                            .withContext(LlamaEngine.CONTEXT)
                            .withQueue(16)))
            .build();
    int port =
        GatewayServer.of(gateway)
            .listen(vertx, 0)
            .toCompletionStage()
            .toCompletableFuture()
            .get()
            .port();
    SplittableRandom random = new SplittableRandom(3);
    Consumer<String> alone = prompt -> LlamaEngine.generate(library, prompt, ANSWER_TOKENS, true);
    Consumer<String> served = prompt -> ask(port, prompt);
    for (int streams : new int[] {1, 4}) {
      List<Double> ofLibrary = new ArrayList<>();
      List<Double> ofGateway = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int i = -WARM_ROUNDS; i < rounds; i++) {
        boolean first = i % 2 == 0;
        double before = first ? speed(served, random, streams) : 0;
        double a = speed(alone, random, streams);
        double s = first ? before : speed(served, random, streams);
        if (i >= 0) {
          ofLibrary.add(a);
          ofGateway.add(s);
          ratios.add(s / a);
        }
      }
      double a = median(ofLibrary);
      double s = median(ofGateway);
      out.printf(
          Locale.ROOT,
          "%d streams: library %.1f tokens/s, gateway %.1f tokens/s, ratio %.3f, of pairs %.3f"
              + " (medians of %d)%n",
          streams,
          a,
          s,
          s / a,
          median(ratios),
          rounds);
    }
    out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Tokens per second of all streams together, with the reading of prompts of four words. */
  private static double speed(Consumer<String> ask, SplittableRandom random, int streams)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < streams; i++) {
      String prompt = LlamaEngine.words(random, PROMPT_WORDS);
      Thread thread = new Thread(() -> ask.accept(prompt));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return (double) ANSWER_TOKENS * streams / ((System.nanoTime() - began) / 1e9);
  }

  private static void ask(int port, String prompt) {
    String body =
        "{\"model\":\"m\",\"stream\":true,\"max_tokens\":"
            + ANSWER_TOKENS
            + ",\"seed\":1,\"stream_options\":{\"include_usage\":true},\"logit_bias\":{\"2\":-100},"
            + "\"prompt\":\""
            + prompt
            + "\"}";
    String request =
        "POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
            + "content-type: application/json\r\ncontent-length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = read(socket.getInputStream());
      Matcher used = USED.matcher(answer);
      if (!answer.contains("data: [DONE]")
          || !used.find()
          || Integer.parseInt(used.group(1)) != ANSWER_TOKENS) {
        throw new IllegalStateException("no whole answer: " + answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that comes, as it comes. */
  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] piece = new byte[4096];
    for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
      all.write(piece, 0, length);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
