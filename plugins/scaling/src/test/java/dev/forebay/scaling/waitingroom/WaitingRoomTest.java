package dev.forebay.scaling.waitingroom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FilterContract;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.scaling.FixedPools;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.ComingCapacity.Coming;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.options.Options;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingRoomTest implements FilterContract {

  private static final long SECOND = 1_000_000_000L;

  private final ComingCapacity outlook = new ComingCapacity();
  private final FixedPools pools = new FixedPools(0);
  private final TestContext context =
      TestContext.create().lend(Pools.class, pools).lend(ComingCapacity.class, outlook);
  private final Call call = Call.root(context.timeline());
  private final List<String> started = new ArrayList<>();

  @Override
  public Plugin<Filter> plugin() {
    return Options.defaults(WaitingRoom.class);
  }

  @Override
  public TestContext lend(TestContext other) {
    return other.lend(Pools.class, new FixedPools(1));
  }

  private Future<InferenceResponse> ask(Filter filter) {
    return filter.serve(
        Requests.inference("r", call),
        request -> Future.failedFuture(Failure.overloaded(502, "served", "served")));
  }

  private static String reason(Future<InferenceResponse> answer) {
    return answer.cause() instanceof Failure failure ? failure.reason() : "none";
  }

  @Test
  void anArrivalStartsTheFirstMemberAndGoesOnWhenItServes() {
    outlook.starter("default", () -> started.add("start"));
    Filter filter = plugin().create(context);
    Future<InferenceResponse> answer = ask(filter);
    assertEquals(List.of("start"), started);
    assertEquals(1, outlook.awaiting("default"));
    context.pass(30 * SECOND);
    assertFalse(answer.isComplete());
    pools.serve(1);
    context.pass(SECOND / 10);
    assertTrue(answer.isComplete(), "it went on");
    assertEquals(0, outlook.awaiting("default"));
    assertEquals(0, context.timeline().pending());
  }

  @Test
  void aPoolIsStartableWhileRequestsWaitForItAndAnArrivalStartsIt() {
    Filter filter = plugin().create(context);
    assertFalse(outlook.startable("default"), "nobody starts a member");
    outlook.starter("default", () -> started.add("start"));
    assertTrue(outlook.startable("default"));
    assertFalse(outlook.startable("other"));
    Filter next =
        plugin()
            .create(
                TestContext.create().lend(Pools.class, pools).lend(ComingCapacity.class, outlook));
    close(filter);
    assertTrue(outlook.startable("default"), "after a reload");
    close(next);
    assertFalse(outlook.startable("default"));
  }

  private static void close(Filter filter) {
    assertTrue(((Lifecycle) filter).close().succeeded());
  }

  @Test
  void whoWaitsTooLongIsToldWhenToComeBack() {
    Filter filter = plugin().create(context);
    Future<InferenceResponse> answer = ask(filter);
    outlook.expect("default", new Coming(0, 1, 130 * SECOND, false));
    context.pass(121 * SECOND);
    assertEquals("queue_timeout", reason(answer));
    assertEquals(
        10, ((Failure) answer.cause()).retryAfterNanos() / SECOND, "the member comes at 130 s");
  }

  @Test
  void aRequestForWhichTheFirstMemberComesTooLateIsRefusedAtOnce() {
    outlook.expect("default", new Coming(0, 1, 200 * SECOND, false));
    Future<InferenceResponse> answer = ask(plugin().create(context));
    assertEquals("saturated", reason(answer));
    assertEquals(200, ((Failure) answer.cause()).retryAfterNanos() / SECOND);
  }

  @Test
  void aCallerThatLeavesWaitsNoLonger() {
    Future<InferenceResponse> answer = ask(plugin().create(context));
    call.end();
    context.pass(1);
    assertTrue(answer.failed());
    assertEquals(0, outlook.awaiting("default"));
    assertEquals(0, context.timeline().pending());
  }

  @Test
  void noMoreThanSoManyWait() {
    Filter filter = Options.defaults(WaitingRoom.class).withMaxWaiting(1).create(context);
    ask(filter);
    assertEquals("queue_full", reason(ask(filter)));
  }
}
