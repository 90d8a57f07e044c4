package dev.forebay.simulation;

import dev.forebay.spi.PrefixHashes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * The simulated server beside curves that others measured on real ones. Each curve says which of
 * its points the parameters were fitted to; the others are the check. {@link #main} prints all of
 * them as they stand in docs/simulated-server.md.
 */
public final class PublishedCurves {

  private PublishedCurves() {}

  /**
   * A point of a curve.
   *
   * @param x as the curve's {@code over} says
   * @param published what was measured
   * @param fitted whether parameters were fitted to it
   * @param simulated what the model gives
   */
  public record Point(double x, double published, boolean fitted, double simulated) {

    /** Share by which the model is above (or below: negative) what was measured. */
    public double error() {
      return simulated / published - 1;
    }
  }

  /**
   * A curve.
   *
   * @param title what depends on what
   * @param hardware that it was measured on, with the model and the engine
   * @param source where it was published
   * @param fit how parameters were fitted
   * @param over what x is
   * @param value what is compared, with its unit
   * @param tolerance share that no point may be off; infinite if the model does not give this curve
   * @param points by x
   */
  public record Curve(
      String title,
      String hardware,
      String source,
      String fit,
      String over,
      String value,
      double tolerance,
      List<Point> points) {}

  /** All curves. */
  public static List<Curve> all() {
    return List.of(
        throughput(),
        stepTime(),
        defaults(),
        firstToken(),
        firstTokenTail(),
        context(),
        depth(),
        prefill());
  }

  /** Prints the curves in Markdown. */
  public static void main(String[] args) {
    System.out.print(markdown());
  }

  /** The curves in Markdown, the same on every machine. */
  public static String markdown() {
    StringBuilder text = new StringBuilder();
    for (Curve curve : all()) {
      text.append("### ").append(curve.title()).append("\n\n");
      text.append("Measured on ").append(curve.hardware()).append(": ").append(curve.source());
      text.append(". ").append(curve.fit()).append(".\n\n");
      text.append("| ").append(curve.over()).append(" | published, ").append(curve.value());
      text.append(" | simulated | |\n| ---: | ---: | ---: | ---: |\n");
      for (Point point : curve.points()) {
        text.append(
            String.format(
                Locale.ROOT,
                "| %,.0f | %s | %s | %s |\n",
                point.x(),
                number(point.published()),
                number(point.simulated()),
                point.fitted()
                    ? "fitted"
                    : String.format(Locale.ROOT, "%+.0f %%", 100 * point.error())));
      }
      text.append(held(curve.tolerance()));
    }
    return text.toString();
  }

  private static String held(double tolerance) {
    return Double.isInfinite(tolerance)
        ? "\n"
            + "No test holds this curve: the model misses it. Here all callers of a wave arrive"
            + " in the same instant; those of the report are threads of one Python program, and how"
            + " far apart they come is not published. No published figure mends that: the prompts"
            + " of some seven tokens do not keep each other waiting.\n\n"
        : String.format(
            Locale.ROOT, "\nA test holds the points within %.0f %%.\n\n", 100 * tolerance);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static Curve throughput() {
    ServerParameters node = server(256, 20_000, line(8, 12.8, 64, 34.6), ServerEffects.NONE);
    double[][] published = {{8, 596.8}, {16, 895.2}, {32, 1208.8}, {64, 1788.8}};
    return new Curve(
        "Throughput against batch size",
        "8 H200, DeepSeek-R1-0528 in FP8, SGLang 0.5.7",
        "InferenceX issue 870 (March 2026), 1,024 tokens in and 1,024 out, output tokens/s of a GPU"
            + " × 8",
        "The time of a step was fitted to the published times per token at 8 and 64 callers (12.8"
            + " and 34.6 ms)",
        "callers",
        "tokens/s",
        0.2,
        points(
            published,
            List.of(),
            callers ->
                new ClosedLoop(node, 1024)
                    .run((int) callers, 4 * (int) callers, 1024)
                    .tokensPerSecond()));
  }

  private static ServerParameters a6000() {
    return server(256, 3500, line(1, 21.9, 256, 53.1), ServerEffects.NONE);
  }

  private static Curve stepTime() {
    double[][] published = {
      {1, 21.9}, {2, 22.0}, {4, 22.1}, {8, 22.3}, {64, 27.5}, {128, 36.0}, {256, 53.1}
    };
    return new Curve(
        "Time per token against batch size",
        "an RTX A6000, Qwen2.5-7B-Instruct, vLLM 0.23.0",
        "ld-singh.github.io, AI factory ops lab, inference benchmark report (June 2026)",
        "Fitted to 1 and 256 callers",
        "callers",
        "ms",
        0.1,
        points(
            published,
            List.of(1.0, 256.0),
            callers ->
                new ClosedLoop(a6000(), 52).run((int) callers, (int) callers, 1).perTokenMillis()));
  }

  private static Curve defaults() {
    double[][] published = {{1, 42}, {88, 1850}, {256, 2785}};
    return new Curve(
        "The default server: throughput against batch size",
        "H800 and H100, DeepSeek-V3/R1",
        "RTP-LLM's report (1 request on a GPU), DeepSeek's overview (88), SGLang on 96 H100 (256)",
        "The defaults were derived from the first two; contexts are 4,989 tokens in the mean, and"
            + " 2,000 in the last row",
        "requests",
        "tokens/s of a GPU",
        0.35,
        points(
            published,
            List.of(1.0, 88.0),
            requests -> {
              int context = requests == 256 ? 2000 : requests == 1 ? 1 : 4989;
              double nanos =
                  ServerParameters.DEFAULT.stepNanos((int) requests, requests * context, 0);
              return requests / nanos * 1e9;
            }));
  }

  private static final double[][] A6000_FIRST = {{64, 87}, {128, 126}, {256, 299}, {512, 1043}};
  private static final double[][] A6000_TAIL = {{64, 163}, {128, 325}, {256, 517}, {512, 3564}};

  private static Curve firstToken() {
    return firstToken(
        "Time to the first token against load: median",
        A6000_FIRST,
        0.5,
        List.of(),
        Double.POSITIVE_INFINITY);
  }

  private static Curve firstTokenTail() {
    return firstToken(
        "Time to the first token against load: 95th percentile",
        A6000_TAIL,
        0.95,
        List.of(256.0),
        0.2);
  }

  private static Curve firstToken(
      String title, double[][] published, double share, List<Double> fitted, double tolerance) {
    return new Curve(
        title,
        "an RTX A6000, Qwen2.5-7B-Instruct, vLLM 0.23.0",
        "the same report, 512 requests by each number of callers",
        "The batch holds 256, the default of vLLM; what a prompt takes is not published, and was"
            + " fitted to the 95th percentile at 256 callers",
        "callers",
        "ms",
        tolerance,
        points(
            published,
            fitted,
            callers -> new ClosedLoop(a6000(), 52).run((int) callers, 512, 7).firstMillis(share)));
  }

  private static Curve context() {
    double nanos = (24.0 - 23.1) * 1e6 / (8192 - 128);
    ServerParameters node =
        server(
            1,
            1e6,
            new double[] {23.1 - (128 + 64) * nanos / 1e6, 0},
            new ServerEffects(nanos, 0, 0, false, false));
    double[][] published = {
      {128, 23.1}, {1024, 23.2}, {2048, 23.3}, {3072, 23.6}, {4096, 23.7}, {8192, 24.0}
    };
    return new Curve(
        "Time per token against context, one request",
        "16 H100, DeepSeek-R1-0528, SGLang",
        "tt-inference-server issue 356 (July 2025), 128 tokens out",
        "Fitted to 128 and 8,192 tokens",
        "tokens in",
        "ms",
        0.02,
        points(
            published,
            List.of(128.0, 8192.0),
            tokens -> new ClosedLoop(node, 128).run(1, 1, (int) tokens).perTokenMillis()));
  }

  private static Curve depth() {
    double first = 8.276e3 / 256;
    double last = 21.037e3 / 256;
    double nanos = (last - first) * 1e6 / 97_280;
    ServerParameters node =
        server(
            1,
            1e6,
            new double[] {first - 128 * nanos / 1e6, 0},
            new ServerEffects(nanos, 0, 0, false, false));
    double[][] published = {
      {512, 8.276e3 / 256},
      {4096, 9.060e3 / 256},
      {8192, 9.608e3 / 256},
      {12_288, 10.133e3 / 256},
      {79_872, 18.852e3 / 256},
      {90_112, 20.256e3 / 256},
      {97_280, last}
    };
    return new Curve(
        "Time per token against a long context, one request",
        "a workstation (its GPUs are not named there), DeepSeek-V4-Flash, ik_llama.cpp",
        "ik_llama.cpp issue 1752 (2026), 256 tokens out",
        "Fitted to the ends; the first was measured with an empty context",
        "tokens before",
        "ms",
        0.05,
        points(
            published,
            List.of(512.0, 97_280.0),
            tokens ->
                new ClosedLoop(node, 256)
                    .run(1, 1, tokens == 512 ? 1 : (int) tokens)
                    .perTokenMillis()));
  }

  private static Curve prefill() {
    double quadratic = 97_280 / (12.834 / 2.882 - 1);
    ServerParameters node =
        server(
            1,
            1024 / 2.882 * (1 + 512 / quadratic),
            new double[] {1, 0},
            new ServerEffects(0, quadratic, 0, false, false));
    double[][] published = {
      {0, 2882},
      {4096, 3382},
      {8192, 4143},
      {12_288, 4583},
      {79_872, 11_079},
      {90_112, 12_237},
      {97_280, 12_834}
    };
    return new Curve(
        "Time of 1,024 prompt tokens against the tokens before them",
        "the same workstation",
        "the same issue",
        "Fitted to the ends",
        "tokens before",
        "ms",
        0.12,
        points(
            published,
            List.of(0.0, 97_280.0),
            tokens -> {
              int before = (int) tokens;
              long[] blocks = new long[before / ServerParameters.BLOCK_TOKENS];
              for (int i = 0; i < blocks.length; i++) {
                blocks[i] = i;
              }
              PrefixHashes prefix = PrefixHashes.of(blocks);
              ClosedLoop loop = new ClosedLoop(node, 2);
              if (before > 0) {
                loop.run(1, 1, before, prefix);
              }
              return loop.run(1, 1, before + 1024, prefix).lastFirstMillis();
            }));
  }

  /** Base and slope, in milliseconds, of the line through two points. */
  private static double[] line(double x, double y, double otherX, double otherY) {
    double slope = (otherY - y) / (otherX - x);
    return new double[] {y - slope * x, slope};
  }

  private static ServerParameters server(
      int slots, double prefill, double[] step, ServerEffects effects) {
    return new ServerParameters(
        slots,
        prefill,
        2048,
        step[0],
        step[1],
        4_000_000,
        10_000,
        Duration.ofHours(1),
        Duration.ofHours(1),
        0,
        4096,
        1,
        Duration.ZERO,
        Duration.ZERO,
        effects);
  }

  private static List<Point> points(
      double[][] published, List<Double> fitted, DoubleUnaryOperator model) {
    List<Point> points = new ArrayList<>();
    for (double[] point : published) {
      points.add(
          new Point(point[0], point[1], fitted.contains(point[0]), model.applyAsDouble(point[0])));
    }
    return points;
  }
}
