package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** Grammars of schemas that strangers send. */
class SchemaGrammarTest {

  private static void isRefused(JsonObject schema, String because) {
    Failure failure = assertThrows(Failure.class, () -> SchemaGrammar.of(schema));
    assertTrue(failure.status() == Status.CALLER_FAULT, failure.toString());
    String said = String.valueOf(failure.getMessage());
    assertTrue(said.contains(because), said);
  }

  @Test
  void aTypeMayBeOneOfSeveral() {
    String grammar =
        SchemaGrammar.of(
            new JsonObject()
                .put("type", new JsonArray().add("object").add("null"))
                .put(
                    "properties", new JsonObject().put("a", new JsonObject().put("type", "null"))));
    assertTrue(grammar.contains("null") && grammar.contains("\\\"a\\\""), grammar);
  }

  @Test
  void whatWouldHoldUpAllSlotsIsRefusedAtOnce() {
    JsonArray many = new JsonArray();
    for (int i = 0; i < 1_000_000; i++) {
      many.add("null");
    }
    isRefused(new JsonObject().put("type", many), ".type: 1000000 choices (expected: at most");
    isRefused(new JsonObject().put("enum", many), ".enum: 1000000 choices (expected: at most");
    isRefused(
        new JsonObject().put("const", "x".repeat(1_000_000)), "characters (expected: at most");
  }
}
