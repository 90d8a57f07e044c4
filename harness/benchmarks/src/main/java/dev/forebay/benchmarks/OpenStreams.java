package dev.forebay.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What slow streams that are open at once cost the gateway in heap. */
final class OpenStreams {

  private static final int SECONDS = 60;

  private OpenStreams() {}

  /**
   * Opens streams, waits until each has had its first bytes, collects, and reads them to the end.
   *
   * @param streams open at once, 1 to 4,096
   * @param heapMegabytes the gateway's largest heap
   * @param pauseMillis between the chunks of a stream, above 0
   * @return bytes of the gateway's heap after a collection, while all streams are open
   */
  static long run(int streams, int heapMegabytes, int pauseMillis, PrintStream out) {
    if (streams < 1 || streams > Roles.MAX_OPEN) {
      throw new IllegalArgumentException(
          "streams: " + streams + " (expected: 1 to " + Roles.MAX_OPEN + ")");
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (Child upstream = Child.start(heapMegabytes, "upstream", "" + pauseMillis);
        Child gateway = Child.start(heapMegabytes, "gateway", "" + upstream.port())) {
      HttpClient client =
          vertx.createHttpClient(
              new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(streams));
      long idle = gateway.heapBytes();
      List<Future<Void>> begun = new ArrayList<>();
      List<Future<Void>> ended = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        Stream stream = new Stream();
        begun.add(stream.begun.future());
        ended.add(stream.ended.future());
        stream.start(client, gateway.port(), i);
      }
      Future.all(begun).await(SECONDS, TimeUnit.SECONDS);
      long over = ended.stream().filter(Future::isComplete).count();
      long open = gateway.heapBytes();
      if (over > 0 || ended.stream().anyMatch(Future::isComplete)) {
        throw new IllegalStateException(
            "streams ended while others began (expected: a longer pause than " + pauseMillis + ")");
      }
      Future.all(ended).await(SECONDS, TimeUnit.SECONDS);
      out.printf(
          Locale.ROOT,
          "%,d open streams: %.1f MB of heap after a collection, of at most %d MB; idle %.1f MB;"
              + " %.1f kB for each stream; all ended well%n",
          streams,
          open / 1e6,
          heapMegabytes,
          idle / 1e6,
          (open - idle) / 1e3 / streams);
      return open;
    } catch (TimeoutException e) {
      throw new IllegalStateException("the streams did not begin or end in time", e);
    } finally {
      vertx.close().await();
    }
  }

  private static final class Stream {
    private final Promise<Void> begun = Promise.promise();
    private final Promise<Void> ended = Promise.promise();
    private long bytes;

    void start(HttpClient client, int port, long number) {
      client
          .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
          .compose(
              request ->
                  request
                      .putHeader("content-type", "application/json")
                      .send(Roles.body(true, number)))
          .onSuccess(this::answered)
          .onFailure(this::broken);
    }

    private void answered(HttpClientResponse response) {
      response.exceptionHandler(this::broken);
      response.handler(
          piece -> {
            bytes += piece.length();
            begun.tryComplete();
          });
      response.endHandler(
          nothing -> {
            if (response.statusCode() == 200 && bytes >= Roles.shortest(true)) {
              ended.tryComplete();
            } else {
              broken(new IllegalStateException(response.statusCode() + ", " + bytes + " bytes"));
            }
          });
    }

    private void broken(Throwable why) {
      begun.tryFail(why);
      ended.tryFail(why);
    }
  }
}
