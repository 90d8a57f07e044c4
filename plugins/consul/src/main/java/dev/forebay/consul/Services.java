package dev.forebay.consul;

import dev.forebay.spi.policy.Instance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer of {@code /v1/health/service/NAME}.
 *
 * @param instances that can be used
 * @param skipped how many cannot, such as those that were registered without a port
 */
record Services(List<Instance> instances, int skipped) {

  private static final double LEAST_WEIGHT = 0.001;

  /**
   * Reads it. Ids of services are unique on their node only, so the node is a part of the id.
   *
   * @throws IllegalArgumentException saying what is wrong, in one line: where it is no answer of
   *     Consul, or holds instances of which none can be used
   */
  static Services read(Buffer body) {
    List<Instance> all = new ArrayList<>();
    int skipped = 0;
    String why = "";
    try {
      JsonArray entries = new JsonArray(body);
      for (int i = 0; i < entries.size(); i++) {
        try {
          all.add(instance(entries.getJsonObject(i)));
        } catch (IllegalArgumentException e) {
          skipped++;
          why = String.valueOf(e.getMessage());
        }
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("an answer that is no list of services", e);
    }
    if (all.isEmpty() && skipped > 0) {
      throw new IllegalArgumentException("no instance of " + skipped + " can be used: " + why);
    }
    return new Services(List.copyOf(all), skipped);
  }

  /** The answer with its index. */
  ConsulSource.Answer at(long index) {
    return new ConsulSource.Answer(index, instances, skipped);
  }

  private static Instance instance(JsonObject entry) {
    JsonObject node = entry.getJsonObject("Node");
    JsonObject service = entry.getJsonObject("Service");
    String own = service.getString("Address", "");
    String address = own.isEmpty() ? node.getString("Address") : own;
    JsonObject weights = service.getJsonObject("Weights", new JsonObject());
    double weight = weights.getDouble("Passing", 1.0);
    String id = service.getString("ID") + "@" + node.getString("Node");
    return new Instance(
        id.replace(' ', '-'),
        address,
        service.getInteger("Port", 0),
        Math.clamp(weight, LEAST_WEIGHT, Instance.MAX_WEIGHT),
        0);
  }
}
