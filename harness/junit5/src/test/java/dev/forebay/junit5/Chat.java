package dev.forebay.junit5;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** Chat requests as any HTTP client sends them. */
final class Chat {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Chat() {}

  static HttpRequest request(URI base, boolean stream, int tokens) {
    String body =
        """
        {"model": "deepseek-flash", "stream": %s, "max_tokens": %d,
         "messages": [{"role": "user", "content": "What is a forebay?"}]}"""
            .formatted(stream, tokens);
    return HttpRequest.newBuilder(base.resolve("/v1/chat/completions"))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  static HttpResponse<String> ask(URI base, boolean stream) throws Exception {
    return CLIENT.send(request(base, stream, 20), HttpResponse.BodyHandlers.ofString());
  }

  static CompletableFuture<HttpResponse<String>> askLater(URI base, int tokens) {
    return CLIENT.sendAsync(request(base, true, tokens), HttpResponse.BodyHandlers.ofString());
  }
}
