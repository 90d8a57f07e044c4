package dev.forebay.balancing.costaware;

import dev.forebay.balancing.affinity.LoadBound;
import dev.forebay.balancing.affinity.PrefixTable;
import dev.forebay.balancing.costaware.CostAware.Hours;
import dev.forebay.balancing.costaware.CostAware.Price;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The least expected cost among candidates that have room and answer more often than they fail;
 * among equal ones the least loaded, in turn. Where none has room, the least loaded of all.
 */
final class CostAwareBalancer implements Balancer {

  private static final int DEPTH = 128;
  private static final double MOST_ERRORS = 0.5;
  private static final long MILLIS_PER_DAY = 86_400_000;
  private static final Price FREE = new Price(0, 0, 0, 1);

  private final CostAware options;
  private final Map<String, Price> prices;
  private final Timeline timeline;
  private final PrefixTable table;
  private final LoadBound load = new LoadBound(1, 1);
  private int turn;

  CostAwareBalancer(CostAware options, Timeline timeline) {
    this.options = options;
    this.prices = options.prices();
    this.timeline = timeline;
    this.table = new PrefixTable(options.maxBlocks(), DEPTH);
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    boolean peak = peak(timeline.epochMillis());
    Known known = known(request.prefix());
    int size = candidates.size();
    int first = Math.floorMod(turn++, size);
    Endpoint best = null;
    double least = 0;
    for (int i = 0; i < size; i++) {
      Endpoint candidate = candidates.get((first + i) % size);
      if (!sound(candidate)) {
        continue;
      }
      double cost = cost(candidate, request, known, peak);
      if (best == null
          || cost < least
          || (cost == least && LoadBound.lessLoaded(candidate, best))) {
        best = candidate;
        least = cost;
      }
    }
    return best == null ? load.leastLoaded(candidates) : best;
  }

  private boolean sound(Endpoint endpoint) {
    return endpoint.inFlight() < options.room() * endpoint.weight()
        && endpoint.errorRate() < MOST_ERRORS;
  }

  /** In millionths of a US dollar. */
  private double cost(Endpoint endpoint, RequestInfo request, @Nullable Known known, boolean peak) {
    Price price = prices.getOrDefault(endpoint.id(), FREE);
    double prompt = request.promptTokens();
    double cached = known != null && known.at(endpoint) ? Math.min(prompt, known.tokens()) : 0;
    int asked = request.maxOutputTokens();
    double output =
        asked > 0 ? Math.min(asked, options.expectedOutput()) : options.expectedOutput();
    double cost =
        (prompt - cached) * price.prompt()
            + cached * price.cachedPrompt()
            + output * price.output();
    return peak ? cost * price.peakFactor() : cost;
  }

  /** Whether peak prices hold at a time; days and hours are those of UTC. */
  boolean peak(long epochMillis) {
    long millis = Math.floorMod(epochMillis, MILLIS_PER_DAY);
    long weekday = Math.floorMod(Math.floorDiv(epochMillis, MILLIS_PER_DAY) + 3, 7); // 0: Monday
    if (weekday > 4 && !options.peakOnWeekends()) {
      return false;
    }
    for (Hours hours : options.peak()) {
      if (millis >= hours.from().toMillis() && millis < hours.to().toMillis()) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Known known(PrefixHashes prefix) {
    for (int i = table.depthOf(prefix) - 1; i >= 0; i--) {
      Endpoint[] owners = table.ownersOf(prefix, i);
      if (owners != null) {
        return new Known(owners, (long) (i + 1) * options.blockTokens());
      }
    }
    return null;
  }

  @Override
  public void dispatched(Endpoint endpoint, RequestInfo request) {
    table.sent(request.prefix(), endpoint);
  }

  @Override
  public void members(List<Endpoint> all) {
    table.retain(all);
  }

  /** Who is likely to have the longest known prefix of a prompt cached, and how long it is. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Known(Endpoint[] owners, long tokens) {

    boolean at(Endpoint endpoint) {
      for (Endpoint owner : owners) {
        if (owner == endpoint) {
          return true;
        }
      }
      return false;
    }
  }
}
