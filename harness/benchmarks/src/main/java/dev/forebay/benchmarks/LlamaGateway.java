package dev.forebay.benchmarks;

import de.kherud.llama.LlamaModel;
import dev.forebay.gateway.Gateway;
import dev.forebay.llama.LlamaOptions;
import dev.forebay.llama.LlamaProvider;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** The backend through the gateway, over HTTP and streamed, beside the binding alone, in turn. */
final class LlamaGateway {

  private LlamaGateway() {}

  static void run(Path folder, int rounds, PrintStream out) throws Exception {
    String path = String.valueOf(LlamaBench.models(folder).get("q8_0"));
    LlamaModel library = LlamaEngine.load(path, false);
    Vertx vertx = Vertx.vertx();
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p ->
                    p.backends(
                        LlamaProvider.backend(
                            LlamaOptions.of("local", path)
                                .withBounds(LlamaEngine.SLOTS, LlamaEngine.CONTEXT, 16)
                                .withComputing(0, false, false))))
            .build();
    int port =
        GatewayServer.of(gateway)
            .listen(vertx, 0)
            .toCompletionStage()
            .toCompletableFuture()
            .get()
            .port();
    SplittableRandom random = new SplittableRandom(3);
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int streams : new int[] {1, 4}) {
        LlamaEngine.decode(library, random, streams); // warm
        through(client, port, random, streams);
        List<Double> alone = new ArrayList<>();
        List<Double> served = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
          alone.add(LlamaEngine.decode(library, random, streams));
          served.add(through(client, port, random, streams));
        }
        double a = median(alone);
        double s = median(served);
        out.printf(
            Locale.ROOT,
            "%d streams: library %.1f tokens/s, gateway %.1f tokens/s, ratio %.3f (medians of %d)%n",
            streams,
            a,
            s,
            s / a,
            rounds);
      }
    }
    out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static double through(HttpClient client, int port, SplittableRandom random, int streams) {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < streams; i++) {
      String body =
          "{\"model\":\"m\",\"stream\":true,\"max_tokens\":"
              + LlamaEngine.ANSWER_TOKENS
              + ",\"seed\":1,\"stream_options\":{\"include_usage\":true},\"logit_bias\":{\"2\":-100},"
              + "\"prompt\":\""
              + LlamaEngine.words(random, 4)
              + "\"}";
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/completions"))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      String text = answer.join().body();
      if (!text.endsWith("data: [DONE]\n\n")) {
        throw new IllegalStateException("no whole answer: " + text);
      }
    }
    return (double) LlamaEngine.ANSWER_TOKENS * streams / ((System.nanoTime() - began) / 1e9);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
