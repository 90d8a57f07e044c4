package dev.forebay.kubernetes;

import dev.forebay.spi.policy.Instance;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The EndpointSlices of a service as they are now. An endpoint may be in several of them for a
 * while; it counts once.
 */
final class Slices {

  private final String port;
  private final Map<String, List<Instance>> byName = new TreeMap<>();
  private final Map<String, List<Instance>> listing = new TreeMap<>();

  /** No slices yet; of each the port of a name, the first where that is empty. */
  Slices(String port) {
    this.port = port;
  }

  void beginList() {
    listing.clear();
  }

  /**
   * Takes a page of a list.
   *
   * @return the token of the next one; empty where there is none
   */
  String page(JsonObject page) {
    JsonArray items = page.getJsonArray("items");
    for (int i = 0; i < items.size(); i++) {
      JsonObject slice = items.getJsonObject(i);
      listing.put(name(slice), instances(slice));
    }
    return page.getJsonObject("metadata").getString("continue", "");
  }

  /** The list is complete: it replaces what was known. */
  void endList() {
    byName.clear();
    byName.putAll(listing);
  }

  /** Takes an event of a watch. */
  void change(String type, JsonObject slice) {
    switch (type) {
      case "ADDED", "MODIFIED" -> byName.put(name(slice), instances(slice));
      case "DELETED" -> byName.remove(name(slice));
      default -> throw new IllegalArgumentException("an event of an unknown type");
    }
  }

  /** All ready endpoints. */
  List<Instance> instances() {
    Map<String, Instance> all = new LinkedHashMap<>();
    byName.values().forEach(list -> list.forEach(one -> all.putIfAbsent(one.id(), one)));
    return List.copyOf(all.values());
  }

  private static String name(JsonObject slice) {
    return slice.getJsonObject("metadata").getString("name", "");
  }

  private List<Instance> instances(JsonObject slice) {
    int number = port(slice.getJsonArray("ports"));
    JsonArray endpoints = slice.getJsonArray("endpoints");
    List<Instance> all = new ArrayList<>();
    if (number == 0 || endpoints == null) {
      return all;
    }
    for (int i = 0; i < endpoints.size(); i++) {
      JsonObject endpoint = endpoints.getJsonObject(i);
      if (ready(endpoint)) {
        add(all, endpoint, number);
      }
    }
    return all;
  }

  /** An endpoint of which there can be no instance is left out: the others serve. */
  private static void add(List<Instance> all, JsonObject endpoint, int number) {
    try {
      all.add(instance(endpoint, number));
    } catch (IllegalArgumentException e) {
      // such as an address with a blank
    }
  }

  /** A condition that is not known counts as ready, as the API says. */
  private static boolean ready(JsonObject endpoint) {
    JsonObject conditions = endpoint.getJsonObject("conditions", new JsonObject());
    return !Boolean.FALSE.equals(conditions.getBoolean("ready"))
        && !Boolean.TRUE.equals(conditions.getBoolean("terminating"));
  }

  private static Instance instance(JsonObject endpoint, int number) {
    Instance at = Instance.at(endpoint.getJsonArray("addresses").getString(0), number);
    JsonObject pod = endpoint.getJsonObject("targetRef");
    String name = pod == null ? null : pod.getString("name");
    return name == null || name.isEmpty() ? at : at.named(name);
  }

  private int port(JsonArray ports) {
    if (ports == null) {
      return 0;
    }
    for (int i = 0; i < ports.size(); i++) {
      JsonObject each = ports.getJsonObject(i);
      if (port.isEmpty() || port.equals(each.getString("name", ""))) {
        return each.getInteger("port", 0);
      }
    }
    return 0;
  }
}
