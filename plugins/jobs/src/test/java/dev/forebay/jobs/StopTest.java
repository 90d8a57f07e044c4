package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.jobs.memory.SharedMemory;
import dev.forebay.simulation.VirtualTimeline;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
  void aJobThatAnotherGatewayHasPromisedIsNotWithdrawn() {
    Switch line = new Switch();
    JobWorld first = world(line);
    JobWorld second = world(new Switch());
    line.holdEntries();
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
