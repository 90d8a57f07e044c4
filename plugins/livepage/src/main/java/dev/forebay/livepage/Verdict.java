package dev.forebay.livepage;

import dev.forebay.livepage.Monitor.Sample;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.EndpointFigures.State;
import dev.forebay.spi.state.GatewayState;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants to know first: whether callers are served, and which side to look at. It
 * is made of the last ten seconds. Requests are lost if they end in 5xx: callers' own faults, their
 * limits, and callers who left do not count. A loss of 5 % is bad, as in the alert {@code
 * HighErrorRate}.
 *
 * @param level how bad it is
 * @param side which one to look at
 * @param headline one sentence
 * @param detail a second one, which may be empty
 */
record Verdict(Level level, Side side, String headline, String detail) {

  private static final double BAD_LOSS = 0.05;
  private static final double MUCH = 0.2;
  private static final double LONG_WAIT_MILLIS = 1000;
  private static final int MOST_NAMES = 3;

  /** How bad it is, the best first. */
  enum Level {
    GOOD,
    WARN,
    BAD;

    /** As JSON has it. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A side to look at. */
  enum Side {
    NONE,
    UPSTREAM,
    GATEWAY,
    CALLERS;

    /** As JSON has it. */
    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The verdict on a sample; null before the first. */
  static Verdict of(@Nullable Sample sample) {
    return sample == null
        ? new Verdict(Level.GOOD, Side.NONE, "The gateway starts.", "")
        : new Judge(sample).verdict();
  }

  /** Why an endpoint is out; null if it is not, or nothing is known. */
  static @Nullable String why(EndpointFigures endpoint) {
    String cooldown = endpoint.cooldownReason();
    return endpoint.why() == null ? cooldown : endpoint.why();
  }

  /** Looks at one sample. */
  private static final class Judge {
    private final Sample sample;
    private final GatewayState state;
    private final long ended;
    private final long lost;
    private final List<String> out = new ArrayList<>();
    private final List<String> downPools = new ArrayList<>();
    private final List<String> startingPools = new ArrayList<>();
    private int endpoints;
    private int draining;

    Judge(Sample sample) {
      this.sample = sample;
      this.state = sample.state();
      long all = 0;
      long bad = 0;
      for (Ending ending : Ending.values()) {
        long count = ended(ending);
        all += ending == Ending.LEFT ? 0 : count;
        bad += ending.lost() ? count : 0;
      }
      this.ended = all;
      this.lost = bad;
      state.pools().forEach((pool, told) -> look(pool, told.endpoints()));
    }

    private void look(String pool, List<EndpointFigures> all) {
      int usable = 0;
      for (EndpointFigures each : all) {
        endpoints++;
        if (each.state() == State.UP || each.state() == State.HALF_OPEN) {
          usable++;
        } else if (each.state() == State.DRAINING) {
          draining++;
        } else {
          String why = why(each);
          out.add(each.id() + " (" + each.state() + (why == null ? "" : ": " + why) + ")");
        }
      }
      Double wanted = all.isEmpty() ? wanted(pool) : null;
      if (usable == 0 && wanted == null) {
        downPools.add(pool);
      } else if (wanted != null && wanted > 0) {
        startingPools.add(pool);
      }
    }

    /** Members that the autoscaler wants in a pool, which may be none; null if it has none. */
    private @Nullable Double wanted(String pool) {
      for (Map.Entry<Series, Double> each : state.metrics().gauges().entrySet()) {
        Series series = each.getKey();
        if (series.name().equals("wanted_replicas") && pool.equals(series.labels().get("pool"))) {
          return each.getValue();
        }
      }
      return null;
    }

    private long ended(Ending ending) {
      return sample.now().since(sample.recent(), ending);
    }

    Verdict verdict() {
      if (!downPools.isEmpty()) {
        return noEndpoint();
      } else if (lost > 0) {
        return losses();
      } else if (!out.isEmpty()) {
        return new Verdict(
            Level.WARN,
            Side.UPSTREAM,
            out.size()
                + " of "
                + endpoints
                + " endpoints out; no request was lost in the last 10 s.",
            names());
      } else if (!startingPools.isEmpty()) {
        return new Verdict(
            Level.WARN, Side.GATEWAY, noneUp(startingPools), "The autoscaler starts some.");
      } else if (ended > 0 && (double) ended(Ending.OVER_LIMIT) / ended >= MUCH) {
        return new Verdict(
            Level.WARN,
            Side.CALLERS,
            share(ended(Ending.OVER_LIMIT)) + " of requests are over their caller's limit (429).",
            served());
      } else if (Figure.WAIT_P99.of(sample) >= LONG_WAIT_MILLIS) {
        return new Verdict(
            Level.WARN,
            Side.GATEWAY,
            "Requests wait for capacity: up to "
                + oneDigit(Figure.WAIT_P99.of(sample) / 1000)
                + " s in the queue.",
            served());
      }
      return new Verdict(Level.GOOD, Side.NONE, served(), allUp());
    }

    private Verdict noEndpoint() {
      boolean drained = out.isEmpty() && draining > 0;
      String why = drained ? "All are draining." : names();
      return new Verdict(
          Level.BAD,
          drained ? Side.GATEWAY : Side.UPSTREAM,
          noneUp(downPools) + (lost > 0 ? " " + share(lost) + " of requests are lost." : ""),
          out.isEmpty() && !drained ? "There is no endpoint at all." : why);
    }

    private String noneUp(List<String> pools) {
      return state.pools().size() == 1
          ? "No endpoint is up."
          : "No endpoint is up in " + String.join(", ", firstOf(pools)) + ".";
    }

    /** Of endpoints of which none is out. */
    private String allUp() {
      if (endpoints == 0) {
        return "There is no endpoint now.";
      }
      if (draining > 0) {
        return (endpoints - draining)
            + " of "
            + endpoints
            + " endpoints up, "
            + draining
            + " draining.";
      }
      return endpoints == 1
          ? "The only endpoint is up."
          : "All " + endpoints + " endpoints are up.";
    }

    private Verdict losses() {
      Ending most = Ending.UPSTREAM_FAILED;
      for (Ending ending : Ending.values()) {
        if (ending.lost() && ended(ending) > ended(most)) {
          most = ending;
        }
      }
      boolean upstream = most == Ending.UPSTREAM_FAILED || !out.isEmpty();
      String why =
          switch (most) {
            case NO_CAPACITY -> "there is no room for them (503).";
            case TIMED_OUT -> "their deadline passes (504).";
            case GATEWAY_FAILED -> "a plugin fails (500).";
            default -> "the upstream fails.";
          };
      return new Verdict(
          (double) lost / ended >= BAD_LOSS ? Level.BAD : Level.WARN,
          upstream && most != Ending.GATEWAY_FAILED ? Side.UPSTREAM : Side.GATEWAY,
          share(lost) + " of requests are lost: " + why,
          out.isEmpty() ? allUp() : names());
    }

    private String names() {
      int more = out.size() - MOST_NAMES;
      return "Out: "
          + String.join(", ", firstOf(out))
          + (more > 0 ? " and " + more + " more." : "");
    }

    private static List<String> firstOf(List<String> names) {
      return names.subList(0, Math.min(names.size(), MOST_NAMES));
    }

    private String served() {
      if (ended == 0) {
        return state.open() == 0
            ? "No requests in the last 10 s."
            : state.open() + " requests under way, none ended in the last 10 s.";
      }
      double perSecond = ended(Ending.ANSWERED) / sample.now().seconds(sample.recent());
      double p99 = Figure.LATENCY_P99.of(sample);
      return oneDigit(perSecond)
          + " answers a second"
          + (Double.isNaN(p99) ? "." : ", 99 % within " + oneDigit(p99 / 1000) + " s.");
    }

    private String share(long count) {
      double percent = 100.0 * count / ended;
      return (percent < 1 ? "Less than 1" : String.valueOf(Math.round(percent))) + " %";
    }

    private static String oneDigit(double figure) {
      return String.format(Locale.ROOT, figure >= 100 ? "%.0f" : "%.1f", figure);
    }
  }

  /** As JSON has it. */
  JsonObject json(long since) {
    return new JsonObject()
        .put("level", level.key())
        .put("side", side.key())
        .put("headline", headline)
        .put("detail", detail)
        .put("since", since);
  }
}
