package dev.forebay.replay.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * alibaba/ServeGen: not requests but, per client and window of 10 minutes, the rate and the
 * distribution of inter-arrival times, and per client the distributions of token lengths. Requests
 * are drawn from them, window after window, so that the first N are the same however many follow.
 */
final class ServeGenFormat implements TraceFormat {
  private static final double WINDOW_SECONDS = 600;
  private static final double MAX_RATE = 1e5;
  private static final double MAX_PARAMETER = 1e12;
  private static final long LAST_SECOND = 1_000_000_000;

  /** Without a file of lengths: lognormal, near those of reason/deepseek-r1. */
  private static final double PROMPT_MEAN = 1268;

  private static final double PROMPT_MEDIAN = 208;
  private static final double OUTPUT_MEAN = 1527;
  private static final double OUTPUT_MEDIAN = 792;
  private static final int MAX_DRAWN_TOKENS = 131_072;

  @Override
  public String name() {
    return "servegen";
  }

  @Override
  public String about() {
    return "ServeGen clients, as servegen:RATES[,LENGTHS] (CSV of rates per client, tar of JSON)";
  }

  @Override
  public Trace read(String path, int limit, long seed) {
    int comma = path.indexOf(',');
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.addAll(Set.of(Carries.TENANT, Carries.LENGTHS));
    builder.notes.add(
        "arrivals and lengths are drawn from recorded distributions per client and window");
    Map<Long, List<Share>> windows = rates(comma < 0 ? path : path.substring(0, comma));
    ServeGenLengths lengths = comma < 0 ? null : new ServeGenLengths(path.substring(comma + 1));
    if (lengths == null) {
      builder.synthetic.add(Carries.LENGTHS);
      builder.notes.add("no file of lengths was given; lengths are lognormal");
    }
    for (List<Share> window : windows.values()) {
      draw(window, lengths, seed, builder);
      if (builder.full()) {
        break;
      }
    }
    return builder.build();
  }

  /** Draws a window's requests and adds them in the order of arrival. */
  private static void draw(
      List<Share> window, @Nullable ServeGenLengths lengths, long seed, TraceBuilder builder) {
    List<TraceRequest> requests = new ArrayList<>();
    for (Share share : window) {
      Draws draws = new Draws(seed, share.client(), share.start());
      long[] arrivals = share.arrivals(draws);
      ServeGenLengths.Lengths drawn =
          lengths == null || arrivals.length == 0
              ? null
              : lengths.of(share.client(), share.start());
      for (long arrival : arrivals) {
        requests.add(request(arrival, drawn, draws).from("client-" + share.client(), null));
      }
    }
    requests.sort(Comparator.comparingLong(TraceRequest::arrivalNanos));
    for (int i = 0; i < requests.size() && !builder.full(); i++) {
      builder.add(requests.get(i));
    }
  }

  private static TraceRequest request(
      long arrival, ServeGenLengths.@Nullable Lengths lengths, Draws draws) {
    if (lengths != null) {
      int prompt = lengths.prompt().draw(draws);
      return TraceRequest.of(arrival, prompt, lengths.output().draw(draws));
    }
    int prompt = draws.tokens(PROMPT_MEAN, PROMPT_MEDIAN, MAX_DRAWN_TOKENS);
    int output = draws.tokens(OUTPUT_MEAN, OUTPUT_MEDIAN, MAX_DRAWN_TOKENS);
    return TraceRequest.of(arrival, prompt, output);
  }

  /** The shares of clients by the start of their window. */
  private static Map<Long, List<Share>> rates(String file) {
    Map<Long, List<Share>> windows = new TreeMap<>();
    try (Table table =
        new Table(file, "client", "window_start_s", "rate_rps", "dist", "arg1", "arg2")) {
      while (table.next()) {
        double rate = table.number("rate_rps", 0, MAX_RATE);
        String dist = table.text("dist");
        if (!List.of("", "Gamma", "Weibull").contains(dist)) {
          throw table.wrong("dist", "Gamma, Weibull or nothing");
        }
        long start = table.whole("window_start_s", LAST_SECOND);
        double shape = table.number("arg1", 0, MAX_PARAMETER);
        double scale = table.number("arg2", 0, MAX_PARAMETER);
        if (rate > 0 && !dist.isEmpty()) {
          if (!(shape > 0 && scale > 0)) {
            throw table.wrong(
                shape > 0 ? "arg2" : "arg1", "a number above 0 where there is traffic");
          }
          windows
              .computeIfAbsent(start, key -> new ArrayList<>())
              .add(
                  new Share(table.text("client"), start, rate, dist.equals("Gamma"), shape, scale));
        }
      }
    }
    return windows;
  }

  /** One client's traffic in one window. */
  private record Share(
      String client, long start, double rate, boolean gamma, double shape, double scale) {

    /** As many arrivals as the rate says, with gaps from the distribution, fitted to the window. */
    long[] arrivals(Draws draws) {
      double expected = rate * WINDOW_SECONDS;
      int count = (int) expected;
      count += draws.chance(expected - count) ? 1 : 0;
      double[] times = new double[count];
      double now = 0;
      for (int i = 0; i < count; i++) {
        now += gap(draws);
        times[i] = now;
      }
      double whole = now + gap(draws);
      long[] arrivals = new long[count];
      for (int i = 0; i < count; i++) {
        double part = whole > 0 ? times[i] / whole : (i + 1.0) / (count + 1);
        arrivals[i] = start * 1_000_000_000L + (long) (part * WINDOW_SECONDS * 1e9);
      }
      return arrivals;
    }

    private double gap(Draws draws) {
      return gamma ? draws.gamma(shape, scale) : draws.weibull(shape, scale);
    }
  }
}
