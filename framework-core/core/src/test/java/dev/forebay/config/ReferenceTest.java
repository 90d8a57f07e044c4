package dev.forebay.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceTest {

  private final Registry registry =
      Registry.of(List.of(RegistryTest.RoundRobin.class, RegistryTest.First.class));

  @Test
  void markdownHasAChapterForEachKindAndATableForEachPlugin() {
    assertEquals(
        """
        # Plugins

        Generated from the option records. A plugin is written as its name, or as
        `{plugin: NAME, option: value}`; an option without a default is required, unless
        it says optional.

        ## balancer

        ### first

        Picks | always the first.

        | Option | Type | Default | Bounds | |
        | --- | --- | --- | --- | --- |
        | `depth` | whole number, picks | `2` | ≥ 1, ≤ 8 | How often. |
        | `decay` | duration | `1m` | > 0s |  |
        | `key` | text | optional |  | Who it is. Secret. |
        | `steps` | list of mapping | `[]` |  |  |
        | `steps[].size` | size, bytes | required | ≤ 1MiB |  |

        ### round-robin

        It has no options.
        """,
        Reference.markdown(registry));
  }

  @Test
  void theOrderOfPluginsDoesNotMatter() {
    Registry other = Registry.of(List.of(RegistryTest.First.class, RegistryTest.RoundRobin.class));
    assertEquals(Reference.markdown(registry), Reference.markdown(other));
    assertEquals(Reference.text(registry), Reference.text(other));
  }

  @Test
  void textListsPluginsByKind() {
    assertEquals(
        "balancer\n  first        Picks | always the first.\n  round-robin\n",
        Reference.text(registry));
  }

  @Test
  void textOfOnePluginHasItsOptions() {
    assertEquals(
        """
        first (balancer)
          Picks | always the first.

          depth: whole number, picks, ≥ 1, ≤ 8, default 2
              How often.

          decay: duration, > 0s, default 1m

          key: text, secret, optional
              Who it is.

          steps: list of mapping, default []

          steps[].size: size, bytes, ≤ 1MiB, required
        """,
        Reference.text(registry.descriptions().getFirst()));
  }

  @Test
  void jsonSaysTheSame() {
    JsonObject first = new JsonArray(Reference.json(registry.descriptions())).getJsonObject(0);
    assertEquals("balancer", first.getString("kind"));
    assertEquals(
        new JsonObject()
            .put("name", "depth")
            .put("type", "whole number")
            .put("unit", "picks")
            .put("default", "2")
            .put("min", "1")
            .put("exclusiveMin", false)
            .put("max", "8")
            .put("required", false)
            .put("secret", false)
            .put("doc", "How often."),
        first.getJsonArray("options").getJsonObject(0));
  }
}
