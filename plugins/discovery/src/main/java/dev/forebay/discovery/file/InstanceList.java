package dev.forebay.discovery.file;

import dev.forebay.spi.options.Names;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Instances as JSON.
 *
 * @param instances that can be used
 * @param wrong what is wrong with the first that cannot; null if all can
 */
record InstanceList(List<Instance> instances, @Nullable String wrong) {

  private static final Set<String> KEYS =
      new TreeSet<>(List.of("address", "id", "weight", "group"));

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException if it is no list, or no entry of it can be used; with one line
   *     that says what is wrong
   */
  static InstanceList read(Buffer text) {
    JsonArray list;
    try {
      list = new JsonArray(text);
    } catch (DecodeException | ClassCastException e) {
      throw new IllegalArgumentException("not JSON (expected: a list of addresses)", e);
    }
    List<Instance> all = new ArrayList<>();
    String wrong = null;
    for (int i = 0; i < list.size(); i++) {
      try {
        all.add(instance(list.getValue(i)));
      } catch (IllegalArgumentException | ClassCastException e) {
        wrong = wrong == null ? "entry " + (i + 1) + ": " + said(e) : wrong;
      }
    }
    if (all.isEmpty() && wrong != null) {
      throw new IllegalArgumentException(wrong);
    }
    return new InstanceList(List.copyOf(all), wrong);
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
