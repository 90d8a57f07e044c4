package dev.forebay.scaling;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** The last 100 decisions of an autoscaler: "why did it not scale?" */
final class DecisionLog {

  private static final int MOST = 100;

  private final Deque<JsonObject> decisions = new ArrayDeque<>();

  void add(long epochMillis, int from, int to, String rule, String inputs) {
    decisions.addFirst(
        new JsonObject()
            .put("at", Instant.ofEpochMilli(epochMillis).toString())
            .put("from", from)
            .put("to", to)
            .put("rule", rule)
            .put("inputs", inputs));
    if (decisions.size() > MOST) {
      decisions.removeLast();
    }
  }

  JsonArray json() {
    JsonArray all = new JsonArray();
    decisions.forEach(all::add);
    return all;
  }
}
