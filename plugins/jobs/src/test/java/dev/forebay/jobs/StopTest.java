package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.jobs.memory.SharedMemory;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gateways that share their jobs, and stop, die or stand still in the middle of work. */
class StopTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final SharedMemory shared = new SharedMemory(time);

  private JobWorld world(Switch reachable) {
    return JobWorld.of(time, reachable.store(shared.store()), reachable.queue(shared.queue()));
  }

  private static Future<InferenceResponse> never() {
    return Promise.<InferenceResponse>promise().future();
  }

  @Test
  void aWorkerThatStopsGivesItsJobsBackAtOnce() {
    JobWorld first = world(new Switch());
    first.backend = request -> never();
    String id = first.submit();
    first.pass(5);
    JobWorld second = world(new Switch());
    first.gateway.close();
    second.pass(12);
    assertEquals("done", second.state(id));
    assertEquals(1, second.job(id).getInteger("attempts"));
  }

  @Test
  void aJobWhoseWorkerDiedIsDoneByAnotherAndTheDeadOneCannotWrite() {
    Switch line = new Switch();
    JobWorld first = world(line);
    Promise<InferenceResponse> late = Promise.promise();
    first.backend = request -> late.future();
    String id = first.submit();
    first.pass(5);
    line.cut();
    JobWorld second = world(new Switch());
    second.pass(60);
    assertEquals("done", second.state(id));
    assertEquals(2, second.job(id).getInteger("attempts"));
    var result = second.job(id).getJsonObject("result").encode();

    line.mend();
    JobWorld.answer(first.requests.getFirst(), 0, "{\"zombie\":true}").onComplete(late);
    first.pass(60);
    assertEquals(result, second.job(id).getJsonObject("result").encode());
    assertTrue(result.contains("world"), result);
  }

  @Test
  void aJobThatIsInTheStoreOnlyIsFoundAndEnqueued() {
    Switch line = new Switch();
    JobWorld first = world(line);
    line.loseEntries(true);
    String id = first.submit();
    first.pass(20);
    assertEquals("queued", first.state(id));
    line.loseEntries(false);
    first.pass(20);
    assertEquals("done", first.state(id));
  }

  @Test
  void aStoreThatDoesNotAnswerIsNoFaultOfTheGateways() {
    Switch line = new Switch();
    JobWorld world = world(line);
    String id = world.submit();
    world.pass(1);
    String job = "/v1/jobs/" + id;
    unavailable(world, line, "get", Listener.EDGE, "GET", job);
    unavailable(world, line, "result", Listener.EDGE, "GET", job);
    unavailable(world, line, "result", Listener.EDGE, "GET", job + "/result");
    unavailable(world, line, "get", Listener.EDGE, "GET", job + "/events");
    unavailable(world, line, "cancel", Listener.EDGE, "DELETE", job);
    unavailable(world, line, "list", Listener.ADMINISTRATION, "GET", "/jobs");
    unavailable(world, line, "get", Listener.ADMINISTRATION, "GET", "/jobs/" + id);
    unavailable(world, line, "cancel", Listener.ADMINISTRATION, "DELETE", "/jobs/" + id);
    unavailable(world, line, "revive", Listener.ADMINISTRATION, "POST", "/jobs/" + id + "/retry");
  }

  @Test
  void aCancelledJobSaysWhoCancelledIt() {
    JobWorld world = world(new Switch());
    world.backend = request -> never();
    String id = world.submit();
    world.await(world.ask(Listener.ADMINISTRATION, "DELETE", "/jobs/" + id, ""));
    assertEquals("cancelled by those who run the gateway", world.job(id).getString("reason"));
    String mine = world.submit();
    world.await(world.ask(Listener.EDGE, "DELETE", "/v1/jobs/" + mine, "acme"));
    assertEquals("cancelled by its caller", world.job(mine).getString("reason"));
  }

  @Test
  void thatNoJobsAreTakenIsSaidInTheLogOnceAMinute() {
    Switch line = new Switch();
    line.fail("ready");
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      JobWorld world = world(line);
      world.pass(50);
      assertEquals(1, log.toString(StandardCharsets.UTF_8).lines().count(), log::toString);
      world.pass(60);
      assertEquals(2, log.toString(StandardCharsets.UTF_8).lines().count(), log::toString);
      line.fail("");
      world.pass(10);
      String id = world.submit();
      world.pass(1);
      assertEquals("done", world.state(id));
      Switch slow = new Switch();
      slow.hold("ready");
      world(slow).gateway.close(); // one that stops meanwhile says nothing
      slow.letGo();
      world.pass(1);
    } finally {
      System.setErr(before);
    }
    String said = log.toString(StandardCharsets.UTF_8);
    assertEquals(3, said.lines().count(), said);
    assertTrue(said.contains("jobs: no jobs are taken, nor worked on: the line is cut"), said);
    assertTrue(said.contains("jobs: jobs are taken again"), said);
  }

  @Test
  void storesThatAreLostAfterAGoodStartAreToldOfUntilTheyAreBack() {
    for (String step : List.of("ready", "")) {
      Switch line = new Switch();
      JobWorld world = world(line);
      world.submit();
      world.pass(10);
      assertTrue(figures(world).getBoolean("usable"));
      line.fail(step);
      if (step.isEmpty()) {
        line.cut();
      }
      world.pass(6);
      JsonObject lost = new JsonObject().put("usable", false).put("why", "the line is cut");
      assertEquals(lost, figures(world));
      Failure refused = assertThrows(Failure.class, world::submit);
      assertEquals("jobs_unavailable", refused.reason());
      line.fail("");
      line.mend();
      world.pass(6);
      assertTrue(figures(world).getBoolean("usable"));
      String id = world.submit();
      world.pass(1);
      assertEquals("done", world.state(id));
      world.gateway.close();
    }
  }

  private static JsonObject figures(JobWorld world) {
    return new JsonObject(
        world.await(world.ask(Listener.ADMINISTRATION, "GET", "/jobs/figures", "")).body());
  }

  private static void unavailable(
      JobWorld world, Switch line, String step, Listener listener, String method, String path) {
    line.fail(step);
    Failure why =
        assertThrows(
            Failure.class, () -> world.await(world.ask(listener, method, path, "acme")), path);
    assertEquals("jobs_unavailable", why.reason(), method + " " + path);
    assertEquals(503, why.callerStatus());
  }

  @Test
  void aJobThatBeginsAgainIsFoundIfTheQueueRefusesIt() {
    Switch line = new Switch();
    JobWorld world = world(line);
    String id = world.submit();
    world.pass(1);
    line.fail("enqueue");
    String path = "/jobs/" + id + "/retry";
    var again = world.await(world.ask(Listener.ADMINISTRATION, "POST", path, ""));
    assertEquals("queued", new JsonObject(again.body()).getString("state"));
    line.fail("");
    world.pass(40);
    assertEquals("done", world.state(id));
    assertEquals(2, world.asked.size());
  }

  @Test
  void aJobThatAnotherGatewayHasPromisedIsNotWithdrawn() {
    Switch line = new Switch();
    JobWorld first = world(line);
    JobWorld second = world(new Switch());
    line.hold("enqueue");
    String begin = Long.toString(time.epochMillis() / 1_000 + 3_600);
    String[] headers = {"idempotency-key", "order 66", "x-forebay-not-before", begin};
    String[] asking = {"prefer", "respond-async", headers[0], headers[1], headers[2], begin};
    Future<InferenceResponse> asked = first.send("acme", false, "{}", asking);
    first.pass(5);
    String id = second.submit("acme", false, "{}", headers);
    first.pass(10); // the first gateway gives its entry up
    assertEquals(202, first.await(asked).status());
    assertEquals("queued", second.state(id));
    second.pass(3_600);
    assertEquals("done", second.state(id));
  }

  @Test
  void manyJobsThatAreInTheStoreOnlyAreFoundInOneLook() {
    Switch line = new Switch();
    JobWorld first = world(line);
    line.loseEntries(true);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ids.add(first.submit());
    }
    line.loseEntries(false);
    first.pass(36); // 30 s until the first check, 5 s from one look to the next
    ids.forEach(id -> assertEquals("done", first.state(id)));
  }
}
