package dev.forebay.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Many open streams for a long time, some of which are read slowly: whether the gateway's heap
 * stays as it is, and how much later tokens come than over direct connections in the same run.
 *
 * <p>Streams that are read at once last 30 seconds and are then replaced by new ones; those that
 * are read slowly last as long as the soak, and are offered many times what is read of them, so
 * that backpressure reaches the upstream.
 */
final class Soak {

  /** Of so many streams, one is read slowly. */
  static final int SLOW_SHARE = 10;

  private static final int HEAP_MEGABYTES = 1024;

  /** Answers that the cache holds: so few that it is full when the heap is read first. */
  private static final String CACHED = "128";

  private static final int TOKENS_PER_SECOND = 10;
  private static final int STREAM_SECONDS = 30;
  private static final int DIRECT_SHARE = 20;
  private static final int SLOW_READ_MILLIS = 1000;
  private static final int SLOW_BUFFER_BYTES = 4096;
  private static final int MAX_SECONDS = 3600;

  private final Vertx vertx;
  private final HttpClient quick;
  private final HttpClient slow;
  private final int gatewayPort;
  private final int upstreamPort;
  private final int seconds;
  private final Gaps byGateway = new Gaps();
  private final Gaps direct = new Gaps();
  private final Gaps slowly = new Gaps();
  private long number;
  private int failed;
  private volatile boolean over;
  private String why = "";

  private Soak(Vertx vertx, int streams, int gatewayPort, int upstreamPort, int seconds) {
    this.vertx = vertx;
    this.gatewayPort = gatewayPort;
    this.upstreamPort = upstreamPort;
    this.seconds = seconds;
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(2 * streams + DIRECT_SHARE);
    quick = vertx.createHttpClient(new HttpClientOptions(), pool);
    slow =
        vertx.createHttpClient(
            new HttpClientOptions().setReceiveBufferSize(SLOW_BUFFER_BYTES), pool);
  }

  /**
   * What was measured.
   *
   * @param heapRatio of the gateway's heap after a collection: at the end ÷ after the first minute
   *     (or fifth, if that is sooner)
   * @param addedP99Millis 99th percentile of the time between two tokens, by the gateway less
   *     direct
   * @param failed streams that ended otherwise than well
   */
  record Figure(double heapRatio, double addedP99Millis, int failed) {}

  /**
   * Soaks.
   *
   * @param streams open by way of the gateway, 20 to 4,000; a twentieth as many are direct
   * @param seconds how long, 5 to 3,600
   * @param by what is soaked: {@code gateway}, or {@code bare} for a proxy that does nothing else
   */
  static Figure run(int streams, int seconds, String by, PrintStream out)
      throws InterruptedException {
    if (!by.equals("gateway") && !by.equals("bare")) {
      throw new IllegalArgumentException("by: " + by + " (expected: gateway or bare)");
    }
    if (streams < DIRECT_SHARE || streams > 4000) {
      throw new IllegalArgumentException("streams: " + streams + " (expected: 20 to 4000)");
    }
    if (seconds < 5 || seconds > MAX_SECONDS) {
      throw new IllegalArgumentException("seconds: " + seconds + " (expected: 5 to 3600)");
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    int pause = 1000 / TOKENS_PER_SECOND;
    try (Child upstream = Child.start(HEAP_MEGABYTES, "talker", "" + pause);
        Child gateway = Child.start(HEAP_MEGABYTES, by, "" + upstream.port(), "1", CACHED)) {
      Soak soak = new Soak(vertx, streams, gateway.port(), upstream.port(), seconds);
      int first = Math.min(60, seconds / 5);
      double cpu = gateway.cpuSeconds();
      long began = System.nanoTime();
      soak.open(streams);
      sleepUntil(began, first);
      long early = gateway.heapBytes();
      long earlyRss = gateway.residentBytes();
      sleepUntil(began, seconds);
      long late = gateway.heapBytes();
      long lateRss = gateway.residentBytes();
      double cores = (gateway.cpuSeconds() - cpu) / ((System.nanoTime() - began) / 1e9);
      soak.over = true;
      out.println("by: " + by);
      return soak.say(streams, first, early, late, earlyRss, lateRss, cores, out);
    } finally {
      vertx.close().await();
    }
  }

  /**
   * Spreads the beginnings over the time that a stream lasts, so that afterwards as many end and
   * begin in each second; over a fifth of the whole time, if that is sooner. Those that are read
   * slowly begin in the first second, since it takes a while until all buffers on their way are
   * full.
   */
  private void open(int streams) {
    long within = Math.min(STREAM_SECONDS, Math.max(1, seconds / 5)) * 1000L;
    for (int i = 0; i < streams; i++) {
      boolean slowly = i % SLOW_SHARE == 0;
      long at = 1 + i * (slowly ? Math.min(within, 1000) : within) / streams;
      vertx.setTimer(at, fired -> start(slowly, true));
      if (i % DIRECT_SHARE == 1) {
        vertx.setTimer(at, fired -> start(false, false));
      }
    }
  }

  private void start(boolean slowly, boolean gateway) {
    if (over) {
      return;
    }
    int tokens = TOKENS_PER_SECOND * (slowly ? 2 * seconds : STREAM_SECONDS);
    JsonObject body =
        new JsonObject()
            .put("model", "bench")
            .put("stream", true)
            .put("max_tokens", tokens)
            .put("user", slowly ? Talker.SLOW : "quick")
            .put(
                "messages",
                new JsonArray()
                    .add(new JsonObject().put("role", "user").put("content", "q" + number++)));
    int port = gateway ? gatewayPort : upstreamPort;
    (slowly ? slow : quick)
        .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
        .compose(request -> request.send(body.toBuffer()))
        .onSuccess(response -> answered(response, slowly, gateway))
        .onFailure(this::broken);
  }

  private void answered(HttpClientResponse response, boolean slow, boolean gateway) {
    if (response.statusCode() != 200) {
      String reason = response.getHeader("x-forebay-reason");
      broken(new IllegalStateException("status " + response.statusCode() + ", " + reason));
      return;
    }
    Gaps gaps = slow ? slowly : gateway ? byGateway : direct;
    long[] last = {0};
    response.exceptionHandler(this::broken);
    response.handler(
        piece -> {
          long now = System.nanoTime();
          gaps.took(last[0] == 0 ? 0 : now - last[0], piece.length());
          last[0] = now;
        });
    response.endHandler(nothing -> start(slow, gateway));
    if (slow) {
      response.pause();
      vertx.setPeriodic(SLOW_READ_MILLIS, tick -> response.fetch(1));
    }
  }

  private void broken(Throwable thrown) {
    if (!over) {
      failed++;
      why = String.valueOf(thrown);
    }
  }

  private Figure say(
      int streams,
      int first,
      long early,
      long late,
      long earlyRss,
      long lateRss,
      double cores,
      PrintStream out) {
    double ratio = (double) late / early;
    double added = byGateway.millis(99) - direct.millis(99);
    out.printf(
        Locale.ROOT,
        "%,d streams at %d tokens/s for %d s, %,d of them read slowly; %,d tokens by way of it%n",
        streams,
        TOKENS_PER_SECOND,
        seconds,
        (streams + SLOW_SHARE - 1) / SLOW_SHARE,
        byGateway.bytes / Talker.eventBytes(false));
    out.printf(
        Locale.ROOT,
        "its heap after a collection: %.1f MB after %d s, %.1f MB at the end: ratio %.3f;"
            + " resident %.0f MB and %.0f MB; %.2f cores%n",
        early / 1e6,
        first,
        late / 1e6,
        ratio,
        earlyRss / 1e6,
        lateRss / 1e6,
        cores);
    out.printf(
        Locale.ROOT,
        "time between tokens, p50 / p99 / p99.9: direct %.1f / %.1f / %.1f ms, by it %.1f /"
            + " %.1f / %.1f ms; added p99 %.1f ms%n",
        direct.millis(50),
        direct.millis(99),
        direct.millis(99.9),
        byGateway.millis(50),
        byGateway.millis(99),
        byGateway.millis(99.9),
        added);
    out.printf(
        Locale.ROOT,
        "slow readers took %.1f kB/s each of %.1f kB/s offered; %d streams failed%s%n",
        slowly.bytes / 1e3 / seconds * SLOW_SHARE / streams,
        Talker.eventBytes(true) * TOKENS_PER_SECOND / 1e3,
        failed,
        failed == 0 ? "" : ", the last: " + why);
    return new Figure(ratio, added, failed);
  }

  private static void sleepUntil(long began, int seconds) throws InterruptedException {
    long left = began + Duration.ofSeconds(seconds).toNanos() - System.nanoTime();
    if (left > 0) {
      Thread.sleep(Duration.ofNanos(left));
    }
  }

  /** Times between pieces; a piece is one token, or those that came together. */
  private static final class Gaps {
    private final Histogram histogram = new Histogram(60_000_000_000L, 3);
    private long bytes;

    synchronized void took(long nanos, int length) {
      bytes += length;
      if (nanos > 0) {
        histogram.recordValue(Math.min(nanos, histogram.getHighestTrackableValue()));
      }
    }

    synchronized double millis(double percentile) {
      return histogram.getValueAtPercentile(percentile) / 1e6;
    }
  }
}
