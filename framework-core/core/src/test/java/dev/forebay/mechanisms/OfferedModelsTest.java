package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** The list of models that callers are shown. */
class OfferedModelsTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final Talker one = new Talker("one");
  private final Talker two = new Talker("two");

  private Gateway gateway() {
    return Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
        .pool("named", p -> p.models("pro").backends(plugin(new Talker("silent"))))
        .pool("open", p -> p.backends(plugin(one), plugin(two)))
        .build();
  }

  @Test
  void backendsOfThePoolThatTakesTheRestAreAsked() {
    Gateway gateway = gateway();
    Future<List<String>> listed = gateway.offeredModels();
    one.says("b", "a");
    assertFalse(listed.isComplete());
    two.says("a", "c", "pro");
    assertEquals(List.of("pro", "b", "a", "c"), listed.result());
  }

  @Test
  void allWhoAskAtOnceAndSoonAfterShareOneAnswer() {
    Gateway gateway = gateway();
    Future<List<String>> first = gateway.offeredModels();
    Future<List<String>> second = gateway.offeredModels();
    one.says("a");
    two.says("a");
    assertEquals(List.of("pro", "a"), first.result());
    assertEquals(List.of("pro", "a"), second.result());
    waits(Duration.ofSeconds(29));
    assertEquals(List.of("pro", "a"), gateway.offeredModels().result());
    waits(Duration.ofSeconds(2));
    Future<List<String>> later = gateway.offeredModels();
    assertFalse(later.isComplete());
    one.says("new");
    two.says("a");
    assertEquals(List.of("pro", "new", "a"), later.result());
  }

  @Test
  void whoFailsAddsNothingAndWhereAllFailTheLastListStands() {
    Gateway gateway = gateway();
    Future<List<String>> listed = gateway.offeredModels();
    one.fails();
    two.says("c");
    assertEquals(List.of("pro", "c"), listed.result());
    waits(Duration.ofMinutes(1));
    Future<List<String>> later = gateway.offeredModels();
    one.fails();
    two.fails();
    assertEquals(List.of("pro", "c"), later.result());
    assertEquals(List.of("pro", "c"), gateway.offeredModels().result(), "not asked again at once");
  }

  @Test
  void oneThatThrowsIsAsOneThatFails() {
    Gateway gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .pool("open", p -> p.backends(plugin(new Thrower()), plugin(two)))
            .build();
    Future<List<String>> listed = gateway.offeredModels();
    two.says("c");
    assertEquals(List.of("c"), listed.result());
  }

  @Test
  void whoDoesNotAnswerIsNotWaitedForForever() {
    Gateway gateway = gateway();
    Future<List<String>> listed = gateway.offeredModels();
    two.says("c");
    waits(Duration.ofSeconds(9));
    assertFalse(listed.isComplete());
    waits(Duration.ofSeconds(2));
    assertEquals(List.of("pro", "c"), listed.result());
    one.says("too late");
    assertEquals(List.of("pro", "c"), gateway.offeredModels().result());
  }

  private void waits(Duration some) {
    time.runUntil(time.nanos() + some.toNanos());
  }

  private static Plugin<Backend> plugin(Backend backend) {
    return NamedPlugin.of(Backend.class, backend.facts().id(), context -> backend);
  }

  /** Says which models it has when it is told to. */
  private static class Talker implements Backend {
    private final String id;
    private final Queue<Promise<List<String>>> asked = new ArrayDeque<>();

    Talker(String id) {
      this.id = id;
    }

    void says(String... models) {
      asked.remove().complete(List.of(models));
    }

    void fails() {
      asked.remove().fail("gone");
    }

    @Override
    public Facts facts() {
      return Facts.of(id);
    }

    @Override
    public Future<List<String>> askModels() {
      Promise<List<String>> answer = Promise.promise();
      asked.add(answer);
      return answer.future();
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      return Future.failedFuture("not asked for");
    }
  }

  private static final class Thrower extends Talker {
    Thrower() {
      super("thrower");
    }

    @Override
    public Future<List<String>> askModels() {
      throw new IllegalStateException("broken");
    }
  }
}
