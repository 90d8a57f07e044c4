package dev.forebay.examples.servedlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Node;
import dev.forebay.config.Reference;
import dev.forebay.config.Registry;
import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.RequestInfo;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A section of one's own has a top-level key, like those of the framework. */
class ServedLogTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Registry REGISTRY = Registry.load(ServedLogTest.class.getClassLoader());

  private final VirtualTimeline time = new VirtualTimeline();

  private static GatewayDocument read(String section) {
    String document = "backends: [{ plugin: simulated }]\n" + section + "\n";
    return GatewayDocument.read(Node.parse("gateway.yaml", document, name -> null), REGISTRY);
  }

  private void ask(Gateway gateway) {
    Call call = Call.root(time);
    Caller caller = new Caller("192.0.2.1", "key", "tenant", "user", "session");
    RequestInfo info = RequestInfo.chat("r", "m", caller, time.nanos());
    Buffer body = Buffer.buffer("{\"model\":\"m\",\"messages\":[],\"max_tokens\":5}");
    gateway
        .serve(new InferenceRequest(info, body, call, Attempt.FIRST))
        .compose(head -> Streams.forEach(head.tokens(), chunk -> {}))
        .onComplete(read -> call.end());
  }

  @Test
  void itMeasuresWhatTheGatewayAnswersUntilItIsClosed() {
    GatewayDocument document = read("served-log: { every: 100s }");
    Gateway gateway = Gateway.of(document.blueprint(), new Host(time, 1)).start();
    for (int i = 0; i < 50; i++) {
      time.after(i * SECOND, () -> ask(gateway));
    }
    time.runUntil(100 * SECOND);
    assertEquals(0.5, gateway.gauges().get("served-log.answered_per_second"));
    time.runUntil(200 * SECOND);
    assertEquals(0, gateway.gauges().get("served-log.answered_per_second"));
    gateway.close();
    assertEquals(0, time.pending(), "nothing is left to run");
  }

  @Test
  void codeAddsItAsADocumentDoes() {
    assertEquals(
        new ServedLog(Duration.ofSeconds(5)),
        dev.forebay.spi.options.Plugins.options(
            read("served-log: { every: 5s }").blueprint().sections().get(0)));
    Gateway gateway = builder(time).section(new ServedLog(Duration.ofSeconds(1))).build();
    assertEquals(0, gateway.gauges().get("served-log.answered_per_second"));
    assertThrows(
        IllegalArgumentException.class,
        () -> builder(time).section(new ServedLog(Duration.ZERO)).build());
  }

  private static Gateway.Builder builder(VirtualTimeline time) {
    return Gateway.builder(new Host(time, 1)).pipeline(p -> p.backends(List.of()));
  }

  @Test
  void itIsListedAndDescribed() {
    String reference = Reference.markdown(REGISTRY);
    assertTrue(reference.contains("\n## section\n"), reference);
    assertTrue(reference.contains("\n### served-log\n"), reference);
    assertTrue(Reference.text(REGISTRY).contains("Logs at intervals how many requests"));
  }

  @Test
  void mistakesHaveTheirPlace() {
    assertEquals(
        "gateway.yaml:2: served-log.every: 0s (expected: a duration from 100ms to 1d with its unit,"
            + " such as 250ms, 5s, 1h)",
        assertThrows(ConfigException.class, () -> read("served-log: { every: 0s }")).getMessage());
    assertEquals(
        "gateway.yaml:2: served-log.evry: unknown key (expected: every)",
        assertThrows(ConfigException.class, () -> read("served-log: { evry: 1s }")).getMessage());
    String unknown = assertThrows(ConfigException.class, () -> read("servd-log: ")).getMessage();
    assertTrue(unknown.contains("; perhaps served-log"), unknown);
  }
}
