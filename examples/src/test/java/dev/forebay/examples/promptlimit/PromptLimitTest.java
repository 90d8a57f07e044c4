package dev.forebay.examples.promptlimit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.examples.Chat;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.junit5.ForebayExtension;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.options.Plugins;
import dev.forebay.timeline.VirtualTimeline;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A stage of one's own is used by its name in a pipeline, like those of the framework. */
class PromptLimitTest {

  @RegisterExtension
  static final ForebayExtension forebay =
      ForebayExtension.builder()
          .upstream("a")
          .gateway(pipeline -> pipeline.stage(new PromptLimit(50)))
          .assertSettledAfterEach()
          .build();

  private static final Registry REGISTRY = Registry.load(PromptLimitTest.class.getClassLoader());

  private static GatewayDocument read(String stage) {
    String document =
        """
        pipeline:
          - deadline
          - %s
        backends:
          - { plugin: openai, id: a, url: "http://127.0.0.1:9001" }
        """
            .formatted(stage);
    return GatewayDocument.read(Node.parse("gateway.yaml", document, name -> null), REGISTRY);
  }

  @Test
  void longPromptsAreRefused() throws Exception {
    assertEquals(200, Chat.ask(forebay.baseUri(), "short", false).statusCode());
    HttpResponse<String> refused = Chat.ask(forebay.baseUri(), "long ".repeat(100), false);
    assertEquals(400, refused.statusCode());
    assertTrue(refused.body().contains("expected: at most 50"), refused.body());
  }

  @Test
  void itsOptionsAreReadAndDescribed() {
    assertEquals(
        new PromptLimit(500),
        Plugins.options(read("prompt-limit: { max-tokens: 500 }").blueprint().stages().get(1)));
    assertTrue(
        REGISTRY.descriptions().stream()
            .anyMatch(
                plugin -> plugin.kind().equals("filter") && plugin.name().equals("prompt-limit")));
  }

  @Test
  void mistakesHaveTheirPlace() {
    assertEquals(
        "gateway.yaml:3: pipeline[1].prompt-limit.max-tokens: 0 (expected: a whole number from 1 to"
            + " 10000000, in tokens)",
        assertThrows(ConfigException.class, () -> read("prompt-limit: { max-tokens: 0 }"))
            .getMessage());
    String unknown = assertThrows(ConfigException.class, () -> read("promt-limit")).getMessage();
    assertTrue(unknown.contains("perhaps prompt-limit"), unknown);
  }

  @Test
  void aRecordThatIsMadeInCodeIsCheckedAlike() {
    assertEquals(
        "prompt-limit: maxTokens: 0 (expected: a whole number from 1 to 10000000, in tokens)",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    Gateway.builder(new Host(new VirtualTimeline(), 1))
                        .pipeline(p -> p.stage(new PromptLimit(0)).backends(List.of()))
                        .build())
            .getMessage());
  }
}
