package dev.forebay.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/** What tests of this package say often. */
final class Lines {

  private Lines() {}

  /** A document named g.yaml without variables. */
  static Node yaml(String text) {
    return Node.parse("g.yaml", text, name -> null);
  }

  /** A document with variables. */
  static Node yaml(String text, Map<String, String> environment) {
    return Node.parse("g.yaml", text, environment::get);
  }

  /** The lines of the exception that something ends in. */
  static List<String> mistakesOf(Executable reading) {
    return assertThrows(ConfigException.class, reading).getMessage().lines().toList();
  }

  /** The value at a path of keys and indexes. */
  static Node at(Node root, Object... path) {
    Node node = root;
    for (Object step : path) {
      Node next = step instanceof Integer i ? node.items().get(i) : node.get((String) step);
      node = Objects.requireNonNull(next, () -> step + " is missing");
    }
    return node;
  }

  /** A tree as maps, lists and texts. */
  static @Nullable Object plain(Node node) {
    return switch (node.kind()) {
      case NULL -> null;
      case SCALAR -> node.text();
      case SEQUENCE ->
          new ArrayList<@Nullable Object>(node.items().stream().map(Lines::plain).toList());
      case MAPPING -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (String key : node.keys()) {
          Node value = node.get(key);
          map.put(key, value == null ? null : plain(value));
        }
        yield map;
      }
    };
  }
}
