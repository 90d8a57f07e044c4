package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonSourceTest {

  private static @Nullable JsonObject tree(String json) {
    return JsonSource.answer(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{", "{\"a\":1}x", "{\"a\":}"})
  void whatIsNoObjectGivesNoTree(String json) {
    assertNull(tree(json));
  }

  /** A tree is made in one turn of an event loop, which its number of values bounds. */
  @Test
  void aTreeHasABoundedNumberOfValues() {
    String most = "1,".repeat(JsonSource.MAX_TREE - 2) + "1"; // and the array
    JsonObject tree = tree("{\"a\":[" + most + "]}");
    assertNotNull(tree);
    assertEquals(JsonSource.MAX_TREE - 1, tree.getJsonArray("a").size());
    assertNull(tree("{\"a\":[1," + most + "]}"));
    assertNull(tree("{\"a\":[" + "[],".repeat(JsonSource.MAX_TREE) + "1]}"));
  }
}
