package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.redis.twin.TwinModel;
import dev.forebay.redis.twin.TwinServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bounds around commands, whatever these do. */
class BoundedTest {

  private static final Redis OPTIONS =
      Redis.at("redis://nowhere:6379").withFailures(2).withPause(Duration.ofSeconds(1));
  private static final long BOUND_NANOS = 15_000_000;

  private final TestContext context = TestContext.create();
  private final Bounded bounded =
      new Bounded(OPTIONS, new TwinServer(TwinModel.defaults()).connect(OPTIONS, context), context);

  @Test
  void aCommandThatThrowsIsAFailureAndHoldsNoPlace() {
    for (int i = 0; i < 2 * OPTIONS.maxOutstanding(); i++) {
      Future<String> thrown =
          bounded.read(
              "key",
              BOUND_NANOS,
              () -> {
                throw new IllegalStateException("broken");
              });
      assertTrue(thrown.failed());
    }
    assertEquals(0, context.gauges().get("under_way"));
    assertEquals(0, context.count("failures", "busy"));
    assertEquals(2L * OPTIONS.maxOutstanding(), context.count("failures", "error"));
  }

  @Test
  void aCommandThatIsGivenUpHoldsItsPlaceUntilItIsOver() {
    Promise<String> command = Promise.promise();
    Future<String> answer = bounded.lookUp("key", BOUND_NANOS, command::future);
    context.pass(BOUND_NANOS);
    assertTrue(answer.failed());
    assertEquals(1, context.gauges().get("under_way"));
    command.complete("late");
    assertEquals(0, context.gauges().get("under_way"));
  }

  @Test
  void whereItOpensLookupsAreLetGoAndWritesAreNot() {
    Future<String> write =
        bounded.write("key", 10 * BOUND_NANOS, Promise.<String>promise()::future);
    List<Future<String>> lookups = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      lookups.add(bounded.lookUp("key", BOUND_NANOS, Promise.<String>promise()::future));
      context.pass(5_000_000);
    }
    assertEquals(2, context.count("failures", "timeout"));
    assertEquals(2, context.count("failures", "circuit-open"));
    lookups.forEach(lookup -> assertTrue(lookup.failed()));
    assertTrue(!write.isComplete());
  }
}
