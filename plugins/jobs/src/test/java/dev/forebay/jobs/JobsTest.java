package dev.forebay.jobs;

import static dev.forebay.jobs.JobWorld.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.http.HttpRoutes.Listener;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What callers see of jobs, in virtual time. */
class JobsTest {

  private final JobWorld world = JobWorld.create();

  @Test
  void aRequestThatAsksForItBecomesAJobAndIsAnswered() {
    String id = world.submit();
    world.pass(1);
    JsonObject job = world.job(id);
    assertEquals("done", job.getString("state"));
    assertEquals(1, job.getInteger("attempts"));
    assertEquals(
        new JsonObject().put("hello", "world"), job.getJsonObject("result").getJsonObject("body"));
    var result = world.await(world.ask(Listener.EDGE, "GET", "/v1/jobs/" + id + "/result", "acme"));
    assertEquals("{\"hello\":\"world\"}", result.body().toString());
    InferenceRequest asked = world.requests.getFirst();
    assertEquals(Buffer.buffer("{\"ask\":1}"), asked.body());
    assertEquals("acme", asked.info().caller().tenant());
    assertEquals(2, asked.info().priority());
    assertEquals(null, asked.head().headers().get("prefer"));
  }

  @Test
  void aJobKeepsAllHeadersThatAreThereSeveralTimes() {
    world.submit("acme", false, "{}", "x-note", "one", "x-note", "two");
    world.pass(1);
    assertEquals(
        List.of(Map.entry("x-note", "one"), Map.entry("x-note", "two")),
        world.requests.getFirst().head().headers().entries());
  }

  @Test
  void otherRequestsAreAnsweredAtOnce() {
    InferenceResponse answer = world.await(world.send("acme", false, "{}", "prefer", "wait=3"));
    assertEquals("scripted", answer.servedBy());
  }

  @Test
  void aJobThatFailsIsTriedFourTimesAMinuteApartAndIsDead() {
    world.backend = JobWorld::fail;
    String id = world.submit();
    world.pass(200);
    long first = world.asked.getFirst();
    assertEquals(List.of(0L, 60L, 120L, 180L), world.asked.stream().map(at -> at - first).toList());
    JsonObject job = world.job(id);
    assertEquals("dead", job.getString("state"));
    assertEquals(4, job.getInteger("attempts"));
    assertEquals("upstream_503: the upstream is busy", job.getString("reason"));
    world.pass(3_600);
    assertEquals(4, world.asked.size());

    world.backend = JobWorld::hello;
    world.await(world.ask(Listener.ADMINISTRATION, "POST", "/jobs/" + id + "/retry", ""));
    world.pass(1);
    assertEquals("done", world.state(id));
  }

  @Test
  void aJobBeginsNotBeforeTheTimeThatItsCallerNames() {
    long begin = world.time.epochMillis() / 1_000 + 7_200;
    String id = world.submit("acme", false, "{}", "x-forebay-not-before", Long.toString(begin));
    world.pass(7_100);
    assertEquals("queued", world.state(id));
    assertEquals(begin, world.job(id).getLong("due_at"));
    assertEquals(List.of(), world.asked);
    world.pass(200);
    assertEquals("done", world.state(id));
    assertEquals(null, world.requests.getFirst().head().headers().get("x-forebay-not-before"));
    for (String wrong : List.of("tomorrow", "-5", "99999999999")) {
      Failure refused =
          assertThrows(
              Failure.class,
              () -> world.submit("acme", false, "{}", "x-forebay-not-before", wrong));
      assertEquals(400, refused.httpStatus());
    }
  }

  @Test
  void aFaultOfTheCallersIsNotTriedAgain() {
    Failure wrong = Failure.of(Status.CALLER_FAULT, 422, "wrong", "no such tool");
    world.backend = request -> Future.failedFuture(wrong);
    String id = world.submit();
    world.pass(100);
    assertEquals(1, world.asked.size());
    assertEquals("failed", world.state(id));
    var result = world.await(world.ask(Listener.EDGE, "GET", "/v1/jobs/" + id + "/result", "acme"));
    assertEquals(422, result.status());
  }

  @Test
  void aRefusalForLackOfCapacityIsNoTry() {
    world.backend =
        request ->
            world.asked.size() < 20
                ? Future.failedFuture(Failure.saturated("queue_full", "full"))
                : JobWorld.hello(request);
    String id = world.submit();
    world.pass(60);
    assertEquals("done", world.state(id));
    assertEquals(1, world.job(id).getInteger("attempts"));
  }

  @Test
  void aJobBelongsToItsTenant() {
    String id = world.submit();
    for (String[] each :
        new String[][] {
          {"GET", ""}, {"GET", "/result"}, {"GET", "/events"}, {"DELETE", ""},
        }) {
      Failure none =
          assertThrows(
              Failure.class,
              () ->
                  world.await(
                      world.ask(Listener.EDGE, each[0], "/v1/jobs/" + id + each[1], "rival")));
      assertEquals(404, none.httpStatus());
    }
    world.pass(1);
    assertEquals("done", world.state(id));
  }

  @Test
  void aJobIsCancelledInTheMiddleOfItsWork() {
    world.backend = request -> Promise.<InferenceResponse>promise().future();
    String id = world.submit();
    world.pass(5);
    assertEquals("running", world.state(id));
    world.await(world.ask(Listener.EDGE, "DELETE", "/v1/jobs/" + id, "acme"));
    assertEquals("cancelled", world.state(id));
    world.pass(11);
    assertTrue(world.requests.getFirst().call().ended(), "the backend still works");
    world.pass(600);
    assertEquals(1, world.asked.size());
    assertEquals("cancelled", world.state(id));
  }

  @Test
  void aKeyGivesTheSameJobAgainAndNoOtherBody() {
    String first = world.submit("acme", false, "{}", "Idempotency-Key", "order-1");
    assertEquals(first, world.submit("acme", false, "{}", "Idempotency-Key", "order-1"));
    Failure reused =
        assertThrows(
            Failure.class,
            () -> world.submit("acme", false, "{\"other\":1}", "Idempotency-Key", "order-1"));
    assertEquals(422, reused.httpStatus());
    assertNotEquals(
        first, world.submit("rival", false, "{\"other\":1}", "Idempotency-Key", "order-1"));
    world.pass(1);
    assertEquals(2, world.asked.size());
  }

  @Test
  void aStreamedJobIsFollowedAndResumedFromTheNextEvent() {
    world.backend =
        request ->
            JobWorld.answer(request, SECOND, "data: a\n\n", "data: b\n\n", "data: [DONE]\n\n");
    String id = world.submit("acme", true, "{}");
    String all = world.events(id);
    assertTrue(
        all.startsWith("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: [DONE]\n\nevent: job\n"),
        all);
    String rest = world.events(id, "last-event-id", "1");
    assertEquals(all.substring(all.indexOf("id: 2")), rest);
    for (String wrong : List.of("-1", "1.5", "99999999999", "last")) {
      Failure refused = assertThrows(Failure.class, () -> world.events(id, "last-event-id", wrong));
      assertEquals(400, refused.callerStatus());
      assertTrue(String.valueOf(refused.getMessage()).startsWith("Last-Event-ID: " + wrong), wrong);
    }
  }

  @Test
  void aSecondTryOfAStreamGoesOnBehindAMark() {
    world.backend =
        request ->
            world.asked.size() == 1
                ? broken(request)
                : JobWorld.answer(request, SECOND, "data: b\n\n", "data: [DONE]\n\n");
    String id = world.submit("acme", true, "{}");
    String all = world.events(id);
    assertTrue(
        all.startsWith(
            """
            id: 1
            data: a

            id: 2
            event: restart
            data: {"attempt":2}

            id: 3
            data: b

            id: 4
            data: [DONE]

            """),
        all);
  }

  private static Future<InferenceResponse> broken(InferenceRequest request) {
    var source = new StreamSource(request.call(), request.call().timeline().nanos(), () -> {});
    source.write(Chunk.content(Buffer.buffer("data: a\n\n"), 1));
    source.fail(Failure.overloaded(502, "cut", "the stream was cut"));
    return Future.succeededFuture(new InferenceResponse("scripted", 200, Headers.EMPTY, source));
  }

  @Test
  void aCallerThatWaitsGetsAnAnswerInTimeOrAJob() {
    InferenceResponse quick =
        world.await(world.send("acme", false, "{}", "prefer", "respond-async, wait=5"));
    assertEquals("scripted", quick.servedBy());
    world.backend = request -> Promise.<InferenceResponse>promise().future();
    long before = world.time.nanos();
    InferenceResponse late =
        world.await(world.send("acme", false, "{}", "prefer", "respond-async, wait=5"));
    assertEquals(202, late.status());
    assertEquals(5, Math.round((world.time.nanos() - before) / 1e9));
    assertTrue(world.requests.get(1).call().ended(), "the first try still works");
  }

  @Test
  void aJobGetsNoMoreThanItsTimeout() {
    world.backend =
        request ->
            world.asked.size() == 1
                ? Promise.<InferenceResponse>promise().future()
                : JobWorld.hello(request);
    String id = world.submit();
    world.pass(599);
    assertEquals("running", world.state(id));
    world.pass(65);
    assertEquals("done", world.state(id));
    assertEquals(2, world.job(id).getInteger("attempts"));
  }
}
