package dev.forebay.consul;

import dev.forebay.spi.Instance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The answer of {@code /v1/health/service/NAME}. */
final class Services {

  private static final double LEAST_WEIGHT = 0.001;

  private Services() {}

  /**
   * Reads it. Ids of services are unique on their node only, so the node is a part of the id.
   *
   * @throws IllegalArgumentException saying what is wrong, in one line
   */
  static List<Instance> read(Buffer body) {
    List<Instance> all = new ArrayList<>();
    try {
      JsonArray entries = new JsonArray(body);
      for (int i = 0; i < entries.size(); i++) {
        all.add(instance(entries.getJsonObject(i)));
      }
    } catch (DecodeException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("an answer that is no list of services", e);
    }
    return all;
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
