package dev.forebay.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A chat request as any HTTP client sends it. */
public final class Chat {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Chat() {}

  public static HttpResponse<String> ask(URI base, String prompt, boolean stream)
      throws IOException, InterruptedException {
    String body =
        """
        {"model": "deepseek-flash", "stream": %s, "max_tokens": 20,
         "messages": [{"role": "user", "content": "%s"}]}\
        """
            .formatted(stream, prompt);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
  }

  static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
