package dev.forebay.core.balancing;

import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which endpoints have said that they do not have a model, each for a minute. Callers name models,
 * so the table is bounded: at most 256 models, those that were missed last, with names of at most
 * 256 characters. On the pool's timeline only.
 */
final class MissingModels {

  /** How long an endpoint gets no request for a model that it does not have. */
  static final long NANOS = 60_000_000_000L;

  private static final int MOST_MODELS = 256;
  private static final int LONGEST_NAME = 256;

  private final Map<String, Map<Endpoint, Long>> untilNanos =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<Endpoint, Long>> eldest) {
          return size() > MOST_MODELS;
        }
      };

  /** An endpoint does not have a model. */
  void add(Endpoint endpoint, String model, long nowNanos) {
    if (model.length() <= LONGEST_NAME) {
      Map<Endpoint, Long> missing = untilNanos.remove(model); // those missed last come last
      missing = missing == null ? new LinkedHashMap<>() : missing;
      missing.put(endpoint, nowNanos + NANOS);
      untilNanos.put(model, missing);
    }
  }

  /** Whether some endpoint is known not to have a model. */
  boolean some(String model) {
    return !untilNanos.isEmpty() && untilNanos.containsKey(model);
  }

  /** Whether an endpoint is known not to have a model. */
  boolean at(Endpoint endpoint, String model) {
    Map<Endpoint, Long> missing = untilNanos.get(model);
    return missing != null && missing.containsKey(endpoint);
  }

  /** The models that an endpoint is known not to have. */
  List<String> of(Endpoint endpoint) {
    List<String> models = new ArrayList<>(0);
    untilNanos.forEach(
        (model, missing) -> {
          if (missing.containsKey(endpoint)) {
            models.add(model);
          }
        });
    return models;
  }

  /** An endpoint left, or has another backend: it may have what it had not. */
  void forget(Endpoint endpoint) {
    untilNanos.values().removeIf(missing -> missing.remove(endpoint) != null && missing.isEmpty());
  }

  /**
   * Forgets what is over.
   *
   * @return when the next one will be; {@link Long#MAX_VALUE} for never
   */
  long forgetOld(long nowNanos) {
    long next = Long.MAX_VALUE;
    for (Map<Endpoint, Long> missing : untilNanos.values()) {
      missing.values().removeIf(until -> until <= nowNanos);
      for (long until : missing.values()) {
        next = Math.min(next, until);
      }
    }
    untilNanos.values().removeIf(Map::isEmpty);
    return next;
  }
}
