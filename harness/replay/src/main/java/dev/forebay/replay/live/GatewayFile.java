package dev.forebay.replay.live;

import dev.forebay.config.Node;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A combination's gateway as {@code serve} takes it: each simulated backend becomes one of {@code
 * openai} at the URL of its emulator, the listeners are on free ports, and tenants have keys.
 */
final class GatewayFile {

  private static final Set<String> KNOWING = Set.of("clairvoyant", "unbounded");

  /** The variable of the environment that holds the key of an upstream that is not emulated. */
  static final String KEY = "FOREBAY_UPSTREAM_KEY";

  private GatewayFile() {}

  /**
   * The document.
   *
   * @param gateway of the combination
   * @param urls of the upstream, by the id of the backend; for an id that is not there, that of
   *     {@code ""}
   * @param keys by tenant
   * @throws IllegalArgumentException if a simulated backend has no URL
   */
  static String of(Node gateway, Map<String, String> urls, SortedMap<String, String> keys) {
    Map<String, @Nullable Object> document = mapping(gateway, urls);
    document.put(
        "http",
        Map.of(
            "host",
            "127.0.0.1",
            "port",
            "0",
            "max-body",
            "64MiB",
            "proxies",
            Map.of("trusted", List.of("127.0.0.1"))));
    document.put("administration", Map.of("host", "127.0.0.1", "port", "0"));
    List<Object> known = new ArrayList<>();
    keys.forEach(
        (tenant, key) ->
            known.add(Map.of("id", key, "key", key, "tenant", tenant, "priority", "0")));
    document.put("keys", known);
    return new JsonObject(document).encodePrettily();
  }

  private static Map<String, @Nullable Object> mapping(Node node, Map<String, String> urls) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    for (String key : node.keys()) {
      Node value = node.get(key);
      copy.put(key, value == null ? null : copy(value, urls));
    }
    return copy;
  }

  private static @Nullable Object copy(Node node, Map<String, String> urls) {
    return switch (node.kind()) {
      case NULL -> null;
      case SCALAR -> node.text();
      case SEQUENCE -> {
        List<@Nullable Object> items = new ArrayList<>();
        node.items().forEach(item -> items.add(copy(item, urls)));
        yield items;
      }
      case MAPPING -> isSimulated(node) ? remote(node, urls) : mapping(node, urls);
    };
  }

  private static boolean isSimulated(Node node) {
    Node plugin = node.get("plugin");
    return plugin != null && plugin.kind() == Node.Kind.SCALAR && plugin.text().equals("simulated");
  }

  /** What the pool says of its member stays: all but the options of the simulated server. */
  private static Map<String, @Nullable Object> remote(Node node, Map<String, String> urls) {
    Node named = node.get("id");
    String id = named == null ? "simulated" : named.text();
    String url = urls.getOrDefault(id, urls.get(""));
    if (url == null) {
      throw new IllegalArgumentException(
          "backend " + id + ": without a URL (expected: a backend of the upstream)");
    }
    Node rest = node.without("plugin", "id", "server", "faults", "round-trip");
    Map<String, @Nullable Object> remote = mapping(rest, urls);
    remote.put("plugin", "openai");
    remote.put("id", id);
    remote.put("url", url);
    if (!urls.containsKey("")) {
      remote.put("continues", "final-message"); // as emulators do
    }
    if (urls.containsKey("") && System.getenv(KEY) != null) {
      remote.put("key", "${" + KEY + "}"); // read by the gateway, so that no file holds it
    }
    return remote;
  }

  /**
   * Why a gateway cannot be run live; null if it can.
   *
   * @param gateway of the combination
   */
  static @Nullable String obstacle(Node gateway) {
    if (gateway.kind() == Node.Kind.SCALAR) {
      String text = gateway.text();
      return KNOWING.contains(text)
          ? "it knows more than a gateway can, so it runs in virtual time only"
          : text.equals("redis") || text.startsWith("redis-") || text.startsWith("redis:")
              ? "it needs Redis, whose twin runs in virtual time only"
              : null;
    }
    for (Node child : gateway.children()) {
      String found = obstacle(child);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
