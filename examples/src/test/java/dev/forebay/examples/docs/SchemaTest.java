package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.forebay.config.ConfigException;
import dev.forebay.config.JsonSchema;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.server.GatewayDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The JSON Schema takes every gateway that is written down, and refuses what the reader refuses.
 */
class SchemaTest {

  private static final Pattern BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final Registry REGISTRY = Registry.load(SchemaTest.class.getClassLoader());
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory DRAFT =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private static final String TEXT = JsonSchema.of(GatewayDocument.class, REGISTRY).encode();
  private static final com.networknt.schema.JsonSchema SCHEMA = DRAFT.getSchema(TEXT);

  private static Object yaml(String text) {
    return new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  /** Examples that are no gateways: the profile of an upstream, and scenarios. */
  private static final Set<String> OTHERS =
      Set.of("emulator.yaml", "cheapest-first.yaml", "no-faults.yaml", "resumed.yaml");

  private static Set<ValidationMessage> mistakes(Object document) {
    return SCHEMA.validate(JSON.<JsonNode>valueToTree(document));
  }

  @Test
  void itIsASchemaOfTheDraft() throws IOException {
    assertEquals(
        Set.of(),
        DRAFT.getSchema(SchemaLocation.of(SchemaId.V202012)).validate(JSON.readTree(TEXT)));
  }

  @Test
  void everyGatewayThatIsWrittenDownIsTaken() throws IOException {
    Map<String, Object> documents = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(QuotesTest.ROOT.resolve("examples"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        if (!OTHERS.contains(String.valueOf(file.getFileName()))) {
          documents.put(file.getFileName().toString(), yaml(Files.readString(file)));
        }
      }
    }
    int examples = documents.size();
    try (Stream<Path> files = Files.list(QuotesTest.ROOT.resolve("docs"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
        Matcher block = BLOCK.matcher(Files.readString(file));
        while (block.find()) {
          if (block.group(1).matches("(?s)(.*\\n)?(backends|pools|discover):.*")
              && !block.group(1).startsWith(" ")) {
            documents.put(file.getFileName() + ":" + block.start(), yaml(block.group(1)));
          }
        }
      }
    }
    int blocks = documents.size() - examples;
    for (String name : ScenarioReader.builtIn()) {
      try (InputStream in =
          ScenarioReader.class.getResourceAsStream("/scenarios/" + name + ".yaml")) {
        Map<?, ?> scenario =
            (Map<?, ?>) yaml(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        Map<?, ?> combinations =
            scenario.get("combinations") instanceof Map<?, ?> some ? some : Map.of();
        gateway(name, scenario, documents);
        combinations.forEach((key, one) -> gateway(name + " " + key, one, documents));
      }
    }
    assertTrue(examples >= 8 && blocks >= 4, documents.keySet().toString());
    assertTrue(documents.size() - examples - blocks >= 30, documents.keySet().toString());
    documents.forEach((name, document) -> assertEquals(Set.of(), mistakes(document), name));
  }

  /** The gateway of a scenario or a combination; a patch may take a combination away. */
  private static void gateway(String name, Object of, Map<String, Object> documents) {
    if (of instanceof Map<?, ?> some
        && some.get("gateway") instanceof Map<?, ?> gateway
        && !gateway.containsValue(null)) {
      documents.put(name, gateway);
    }
  }

  @Test
  void variablesMayStandForAnyValue() {
    assertEquals(
        Set.of(),
        mistakes(yaml("{ http: { port: \"${PORT:8080}\" }, backends: [{ plugin: simulated }] }")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "htp: { port: 1 }",
        "http: { port: eighty }",
        "http: { port: 70000 }",
        "http: { body-timeout: 5 }",
        "http: [8080]",
        "keys: []",
        "keys: [{ key: secret }]",
        "memory: { share: 0 }",
        "extra-work: { ratio: -1 }",
        "prices: { preset: cheap }",
        "routes: [{ models: [m] }]",
        "pipeline: retry",
        "pipeline: [retri]",
        "pipeline: [retry: 3]",
        "pipeline: [cache]",
        "pipeline: [cache: lru]",
        "pipeline: [cache: { store: fifo }]",
        "pipeline: [cache: { store: { plugin: lru, max-entris: 5 } }]",
        "pipeline: [{ retry: {}, hedge: {} }]",
        "pipeline: [balance: { health: max-fails }]",
        "pipeline: [balance: lru]",
        "pools: { a: { backends: [{ plugin: simulated, wieght: 2 }] } }",
        "pools: { a: { backends: [] } }",
        "discover: { from: dns }",
        "served-log: 10s",
        "served-log: { every: 0s }",
        "served-log: { evry: 10s }",
      })
  void whatTheReaderRefusesIsRefused(String wrong) {
    String text = wrong + "\nbackends: [{ plugin: simulated }]\n";
    Node node = Node.parse("g.yaml", text, name -> null);
    assertThrows(ConfigException.class, () -> GatewayDocument.read(node, REGISTRY));
    if (!wrong.equals("served-log: { every: 0s }")) { // bounds of durations are not in the schema
      assertFalse(mistakes(yaml(text)).isEmpty(), wrong);
    }
  }

  @Test
  void optionsHaveDescriptionsAndDefaults() throws IOException {
    JsonNode port =
        JSON.readTree(TEXT).at("/$defs/dev.forebay.edge.http.EdgeOptions/properties/port");
    assertEquals(8080, port.get("default").intValue());
    assertEquals("Port to listen on; 0 picks a free one.", port.get("description").textValue());
    assertEquals(List.of(0, 65535), bounds(port));
    assertTrue(JSON.readTree(TEXT).at("/properties/served-log/description").isTextual());
  }

  private static List<Integer> bounds(JsonNode number) {
    JsonNode plain = number.get("anyOf").get(0);
    return List.of(plain.get("minimum").intValue(), plain.get("maximum").intValue());
  }
}
