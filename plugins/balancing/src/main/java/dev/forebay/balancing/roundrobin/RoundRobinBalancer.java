package dev.forebay.balancing.roundrobin;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Smooth weighted round robin. Each choice gives every candidate credit of its weight, takes the
 * one with the most, the first where several have it, and charges it the sum of the weights.
 *
 * <p>With equal weights and an unchanging list that is plain rotation. Where candidates come and go
 * from call to call (a counter modulo the length can then starve one) it is the greedy algorithm of
 * the carpool problem (R. Fagin and J. Williams, A Fair Carpool Scheduling Algorithm, IBM JRD
 * 27(2), 1983): who could have been chosen and was not has credit, and is served first next time.
 * There is no counter to overflow, and an endpoint that joins starts even, without a burst.
 */
final class RoundRobinBalancer implements Balancer {

  private final IdentityHashMap<Endpoint, Turn> turns = new IdentityHashMap<>();

  /** The turns of the last candidates by their places: most calls bring the same list again. */
  private @Nullable Turn[] places = new @Nullable Turn[0];

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    Endpoint best = candidates.get(0);
    if (places.length < candidates.size()) {
      places = Arrays.copyOf(places, candidates.size());
    }
    Turn bestTurn = turnOf(best, 0);
    bestTurn.credit += best.weight();
    double sum = best.weight();
    for (int i = 1; i < candidates.size(); i++) {
      Endpoint candidate = candidates.get(i);
      Turn turn = turnOf(candidate, i);
      turn.credit += candidate.weight();
      sum += candidate.weight();
      if (turn.credit > bestTurn.credit) {
        best = candidate;
        bestTurn = turn;
      }
    }
    bestTurn.credit -= sum;
    return best;
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<Endpoint> now = new HashSet<>(all);
    turns.keySet().removeIf(endpoint -> !now.contains(endpoint));
    places = new @Nullable Turn[0];
  }

  private Turn turnOf(Endpoint endpoint, int place) {
    Turn turn = places[place];
    if (turn == null || turn.endpoint != endpoint) {
      turn = turns.computeIfAbsent(endpoint, Turn::new);
      places[place] = turn;
    }
    return turn;
  }

  /** What an endpoint is owed: the sum over all endpoints stays 0 but for those that left. */
  private static final class Turn {
    private final Endpoint endpoint;
    private double credit;

    Turn(Endpoint endpoint) {
      this.endpoint = endpoint;
    }
  }
}
