package dev.forebay.cli.live;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Callers that ask for streams, one after the other, until they are stopped. */
final class Load implements AutoCloseable {

  private static final String BODY =
      "{\"model\":\"deepseek-flash\",\"stream\":true,\"max_tokens\":20,"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

  final AtomicInteger good = new AtomicInteger();
  final AtomicInteger errorAfterContent = new AtomicInteger();
  final List<String> failed = Collections.synchronizedList(new ArrayList<>());
  final ConcurrentMap<String, AtomicLong> byBackend = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Thread> callers = new ArrayList<>();
  private final HttpRequest request;
  private volatile boolean stopped;

  Load(String gateway, int callers) {
    request =
        HttpRequest.newBuilder(URI.create(gateway + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(BODY))
            .build();
    for (int i = 0; i < callers; i++) {
      this.callers.add(Thread.ofVirtual().start(this::call));
    }
  }

  private void call() {
    while (!stopped) {
      try {
        count(http.send(request, HttpResponse.BodyHandlers.ofString()));
      } catch (IOException e) {
        failed.add(e.toString());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void count(HttpResponse<String> answer) {
    String text = answer.body();
    if (answer.statusCode() != 200) {
      failed.add(answer.statusCode() + " " + text);
    } else if (text.contains("\"error\"")) {
      if (text.contains("\"content\":")) {
        errorAfterContent.incrementAndGet();
      } else {
        failed.add("an error in the place of content: " + text);
      }
    } else if (text.contains("[DONE]")) {
      good.incrementAndGet();
      String backend = answer.headers().firstValue("x-forebay-backend").orElse("");
      byBackend.computeIfAbsent(backend, unseen -> new AtomicLong()).incrementAndGet();
    } else {
      failed.add("cut without an error: " + text);
    }
  }

  long of(String backend) {
    AtomicLong count = byBackend.get(backend);
    return count == null ? 0 : count.get();
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread caller : callers) {
      caller.join();
    }
  }

  @Override
  public String toString() {
    return good
        + " good, "
        + errorAfterContent
        + " with an error event after content, "
        + failed.size()
        + " failed, by backend "
        + byBackend;
  }
}
