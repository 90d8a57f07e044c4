package dev.forebay.discovery.file;

import dev.forebay.spi.options.Names;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Instances as JSON.
 *
 * @param instances that can be used
 * @param wrong what is wrong with each that cannot
 */
record InstanceList(List<Instance> instances, List<String> wrong) {

  /** Entries that are named of a list of which none can be used. */
  private static final int MOST_NAMED = 10;

  private static final Set<String> KEYS =
      new TreeSet<>(List.of("address", "id", "weight", "group"));

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException if it is no list, or no entry of it can be used; with one line
   *     that says what is wrong
   */
  static InstanceList read(Buffer text) {
    JsonArray list = list(text);
    List<Instance> all = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        all.add(instance(list.getValue(i)));
      } catch (IllegalArgumentException | ClassCastException e) {
        wrong.add("entry " + (i + 1) + ": " + said(e));
      }
    }
    if (all.isEmpty() && !wrong.isEmpty()) {
      throw new IllegalArgumentException(
          String.join("; ", wrong.subList(0, Math.min(MOST_NAMED, wrong.size()))));
    }
    return new InstanceList(List.copyOf(all), List.copyOf(wrong));
  }

  private static JsonArray list(Buffer text) {
    Object value;
    try {
      value = Json.decodeValue(text);
    } catch (DecodeException e) {
      throw new IllegalArgumentException("not JSON (expected: a list of addresses)", e);
    }
    if (value instanceof JsonArray list) {
      return list;
    }
    throw new IllegalArgumentException("no list (expected: a list of addresses)");
  }

  private static Instance instance(Object value) {
    if (value instanceof String address) {
      return Instance.parse(address);
    } else if (!(value instanceof JsonObject entry)) {
      throw new IllegalArgumentException("expected an address, or a mapping with one");
    } else {
      return instance(entry);
    }
  }

  private static Instance instance(JsonObject entry) {
    for (String key : entry.fieldNames()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "unknown key " + key + " (expected: " + Names.oneOf(KEYS, key) + ")");
      }
    }
    String address = entry.getString("address");
    if (address == null) {
      throw new IllegalArgumentException("address: missing (expected: HOST:PORT)");
    }
    Instance at = Instance.parse(address);
    return at.named(entry.getString("id", at.id()))
        .weighing(entry.getDouble("weight", 1.0))
        .in(entry.getInteger("group", 0));
  }

  private static String said(RuntimeException e) {
    return e instanceof ClassCastException
        ? "a value of the wrong type"
        : String.valueOf(e.getMessage());
  }
}
