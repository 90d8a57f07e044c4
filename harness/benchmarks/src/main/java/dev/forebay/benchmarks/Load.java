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
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The throughput of the gateway beside that of a bare proxy: a closed loop of connections, each of
 * which sends the next request when it has read the answer to the one before. Rounds alternate
 * between the two, so that what else the machine does hits both.
 */
final class Load {

  private static final int HEAP_MEGABYTES = 512;
  private static final int MAX_CONNECTIONS = 1024;
  private static final int MAX_SECONDS = 600;
  private static final int MAX_STARTS = 100;

  /** Rounds of each before the first that counts: with one, the compiler was still at work. */
  private static final int WARM_UPS = 3;

  private final Vertx vertx;
  private final HttpClient client;
  private final int connections;
  private final PrintStream out;
  private long number;

  Load(Vertx vertx, int connections, PrintStream out) {
    this.vertx = vertx;
    this.connections = connections;
    this.out = out;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(connections));
  }

  /**
   * What one round, or the median of several, measured.
   *
   * @param perSecond answers per second
   * @param cpuMicros processor time of the proxy for each answer, in microseconds
   */
  record Figure(double perSecond, double cpuMicros) {}

  /**
   * Of a gateway and a bare proxy.
   *
   * @param throughput the gateway's ÷ the bare proxy's
   * @param cpu processor time for each answer, the gateway's ÷ the bare proxy's
   */
  private record Ratios(double throughput, double cpu) {

    /** The median of each. */
    static Ratios median(List<Ratios> of) {
      return new Ratios(
          Figures.median(of.stream().map(Ratios::throughput).toList()),
          Figures.median(of.stream().map(Ratios::cpu).toList()));
    }
  }

  /**
   * Compares.
   *
   * @param connections of the load, 1 to 1,024
   * @param rounds of each of the two for each start, at least 1
   * @param seconds of each round; after three of each as warm-up
   * @param loops event loops of each of the two, 1 to 64
   * @param starts of all processes, 1 to 100: what the JIT compiler makes of the same code differs
   *     from one to the next
   * @return the ratio of the gateway's throughput to the bare proxy's: the median over starts of
   *     the median over pairs of rounds
   */
  static double run(
      boolean stream,
      int connections,
      int rounds,
      double seconds,
      int loops,
      int starts,
      PrintStream out) {
    if (loops < 1 || loops > 64) {
      throw new IllegalArgumentException("event loops: " + loops + " (expected: 1 to 64)");
    }
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          "connections: " + connections + " (expected: 1 to " + MAX_CONNECTIONS + ")");
    }
    if (rounds < 1 || !(seconds > 0) || rounds * seconds > MAX_SECONDS) {
      throw new IllegalArgumentException(
          "rounds x seconds: " + rounds * seconds + " (expected: above 0, to " + MAX_SECONDS + ")");
    }
    if (starts < 1 || starts > MAX_STARTS) {
      throw new IllegalArgumentException(
          "starts: " + starts + " (expected: 1 to " + MAX_STARTS + ")");
    }
    out.printf(
        Locale.ROOT,
        "%s answers, %d connections, %d pairs of rounds of %.1f s, event loops: %d, starts: %d%n",
        stream ? "streamed" : "whole",
        connections,
        rounds,
        seconds,
        loops,
        starts);
    List<Ratios> all = new ArrayList<>();
    for (int start = 0; start < starts; start++) {
      all.add(start(stream, connections, rounds, seconds, loops, out));
    }
    Ratios median = Ratios.median(all);
    if (starts > 1) {
      List<Double> sorted = all.stream().map(Ratios::throughput).sorted().toList();
      out.printf(
          Locale.ROOT,
          "gateway / bare, median of %d starts: throughput %.2f (%.2f to %.2f), processor time per"
              + " answer %.2f%n",
          starts,
          median.throughput,
          sorted.getFirst(),
          sorted.getLast(),
          median.cpu);
    }
    return median.throughput;
  }

  private static Ratios start(
      boolean stream, int connections, int rounds, double seconds, int loops, PrintStream out) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try (Child upstream = Child.start(HEAP_MEGABYTES, "upstream", "0");
        Child bare = Child.start(HEAP_MEGABYTES, "bare", "" + upstream.port(), "" + loops);
        Child gateway = Child.start(HEAP_MEGABYTES, "gateway", "" + upstream.port(), "" + loops)) {
      Load load = new Load(vertx, connections, out);
      for (int i = 0; i < WARM_UPS; i++) {
        load.round("warm-up bare", bare, stream, Math.max(seconds, 1));
        load.round("warm-up gateway", gateway, stream, Math.max(seconds, 1));
      }
      return load.compare(bare, gateway, stream, rounds, seconds);
    } finally {
      vertx.close().await();
    }
  }

  private Ratios compare(Child bare, Child gateway, boolean stream, int rounds, double seconds) {
    List<Ratios> pairs = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Figure without = round("bare", bare, stream, seconds);
      Figure with = round("gateway", gateway, stream, seconds);
      pairs.add(new Ratios(with.perSecond / without.perSecond, with.cpuMicros / without.cpuMicros));
    }
    Ratios median = Ratios.median(pairs);
    out.printf(
        Locale.ROOT,
        "gateway / bare, median of %d pairs: throughput %.2f, processor time per answer %.2f%n",
        rounds,
        median.throughput,
        median.cpu);
    return median;
  }

  /** One round against a role. */
  Figure round(String name, Child proxy, boolean stream, double seconds) {
    return round(name, proxy.port(), proxy::cpuSeconds, stream, () -> number++, seconds);
  }

  /**
   * One round against a server.
   *
   * @param cpuSeconds what it has used so far
   * @param question which question the next request asks
   */
  Figure round(
      String name,
      int port,
      DoubleSupplier cpuSeconds,
      boolean stream,
      LongSupplier question,
      double seconds) {
    double cpu = cpuSeconds.getAsDouble();
    long began = System.nanoTime();
    long end = began + (long) (seconds * 1e9);
    List<Future<Long>> loops = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      loops.add(new Loop(port, stream, question, end).start());
    }
    long answers = 0;
    try {
      Future.all(loops).await((long) seconds + 30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(name + ": the round did not end", e);
    }
    for (Future<Long> loop : loops) {
      answers += loop.result();
    }
    double took = (System.nanoTime() - began) / 1e9;
    double cpuMicros = (cpuSeconds.getAsDouble() - cpu) / answers * 1e6;
    out.printf(
        Locale.ROOT,
        "%-16s %,9.0f answers/s, %6.1f µs of processor time for each%n",
        name,
        answers / took,
        cpuMicros);
    return new Figure(answers / took, cpuMicros);
  }

  /** One connection's worth of load. */
  private final class Loop {
    private final int port;
    private final boolean stream;
    private final LongSupplier question;
    private final long endNanos;
    private final Promise<Long> done = Promise.promise();
    private long answers;

    Loop(int port, boolean stream, LongSupplier question, long endNanos) {
      this.port = port;
      this.stream = stream;
      this.question = question;
      this.endNanos = endNanos;
    }

    Future<Long> start() {
      vertx.runOnContext(nothing -> next());
      return done.future();
    }

    private void next() {
      if (System.nanoTime() >= endNanos) {
        done.tryComplete(answers);
        return;
      }
      client
          .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
          .compose(
              request ->
                  request
                      .putHeader("content-type", "application/json")
                      .send(Roles.body(stream, question.getAsLong())))
          .onSuccess(this::answered)
          .onFailure(done::tryFail);
    }

    private void answered(HttpClientResponse response) {
      if (response.statusCode() != 200) {
        done.tryFail("status " + response.statusCode() + " (expected: 200)");
        return;
      }
      long[] bytes = {0};
      response.handler(piece -> bytes[0] += piece.length());
      response.exceptionHandler(done::tryFail);
      response.endHandler(
          nothing -> {
            if (bytes[0] < Roles.shortest(stream)) {
              done.tryFail("an answer of " + bytes[0] + " bytes");
              return;
            }
            answers++;
            next();
          });
    }
  }
}
