package dev.forebay.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Call;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When it asks again, in virtual time. */
class ConsulPausesTest {

  private final TestContext context = TestContext.create();
  private final Scripted api = new Scripted();
  private final List<String> told = new ArrayList<>();
  private final ConsulSource source = new ConsulSource(api, context);

  @BeforeEach
  void watch() {
    source.watch(
        new EndpointSource.Watcher() {
          @Override
          public void members(List<Instance> all) {
            told.add("members");
          }

          @Override
          public void failed(String why) {
            told.add(why);
          }
        });
  }

  @AfterEach
  void nothingStaysScheduled() {
    source.close();
    assertEquals(0, context.timeline().pending());
  }

  @Test
  void pausesGrowFromHalfASecondToAMinuteWithJitter() {
    context.passSeconds(1200);
    List<Double> pauses = api.pauses();
    double bound = 0.5;
    for (double pause : pauses) {
      assertTrue(pause >= bound / 2 && pause <= bound, pause + " of " + pauses);
      bound = Math.min(60, 2 * bound);
    }
    assertTrue(pauses.size() > 20, pauses.toString());
    assertEquals(pauses.size(), pauses.stream().distinct().count(), "jitter");
  }

  @Test
  void theFirstPauseIsShortAgainAfterAnAnswer() {
    context.passSeconds(300);
    api.works = true;
    context.passSeconds(60);
    assertEquals("members", told.getLast());
    api.works = false;
    context.passSeconds(1);
    api.asked.clear();
    context.passSeconds(2);
    assertTrue(api.asked.size() >= 1, "asked " + api.asked);
    assertTrue(api.indexes.getLast() == 0, "after a failure the index is forgotten");
  }

  @Test
  void answersThatComeAtOnceAreTenASecondAtMost() {
    api.works = true;
    context.passSeconds(60);
    api.asked.clear();
    context.passSeconds(10);
    assertEquals(100, api.asked.size(), 1);
  }

  /** An agent that fails, or answers at once. */
  private final class Scripted implements ConsulSource.Api {
    private final List<Long> asked = new ArrayList<>();
    private final List<Long> indexes = new ArrayList<>();
    private boolean works;

    List<Double> pauses() {
      List<Double> pauses = new ArrayList<>();
      for (int i = 1; i < asked.size(); i++) {
        pauses.add((asked.get(i) - asked.get(i - 1)) / 1e9);
      }
      return pauses;
    }

    @Override
    public Future<ConsulSource.Answer> ask(long index, Call call) {
      asked.add(context.timeline().nanos());
      indexes.add(index);
      return works
          ? Future.succeededFuture(new ConsulSource.Answer(index + 1, List.of(), 0))
          : Future.failedFuture("status 500");
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
