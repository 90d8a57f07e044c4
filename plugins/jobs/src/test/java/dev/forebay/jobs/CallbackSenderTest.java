package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Headers;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What receivers of callbacks get. */
class CallbackSenderTest {

  private static final byte[] KEY =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(KEY);

  private final TestContext context = TestContext.create();
  private final Callbacks options =
      new Callbacks(SECRET, List.of("hooks.example"), Duration.ofSeconds(10), Duration.ofHours(1));
  private int status = 200;
  private Headers headers = Headers.EMPTY;
  private Buffer body = Buffer.buffer();
  private int sent;
  private final CallbackSender sender =
      new CallbackSender(
          options,
          (to, with, what, timeout) -> {
            sent++;
            headers = with;
            body = what;
            return status == 0 ? Future.failedFuture("refused") : Future.succeededFuture(status);
          },
          context.timeline());

  private Job job(String url) {
    return job("job_1", url);
  }

  private Job job(String id, String url) {
    long now = context.timeline().epochMillis();
    JsonObject facts = new JsonObject().put("callback", url).put("model", "m").put("stream", false);
    JobRequest request = new JobRequest(id, "acme", 1, now, true, facts.toBuffer());
    return new Job(request, JobState.DONE, 1, 1, "worker", now, 0, now, "", 0, true);
  }

  private long send(Job job) {
    return context.await(sender.send(job)).result();
  }

  @Test
  void aCallbackIsSignedAsStandardWebhooksAre() throws Exception {
    assertEquals(Long.MAX_VALUE, send(job("https://hooks.example/done")));
    assertEquals("job_1", headers.get("webhook-id"));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
    String signed = "job_1." + headers.get("webhook-timestamp") + "." + body;
    String expected =
        Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    assertEquals("v1," + expected, headers.get("webhook-signature"));
    assertEquals("job.done", new JsonObject(body).getString("type"));
    assertEquals("job_1", new JsonObject(body).getJsonObject("data").getString("id"));
  }

  @Test
  void whatIsNotHeardIsSentAgainEverLaterUntilItIsTooLate() {
    Job job = job("https://hooks.example/done");
    long ended = job.endedMillis();
    status = 503;
    assertEquals(ended + 5_000, send(job));
    context.passSeconds(60);
    status = 0;
    assertEquals(ended + 120_000, send(job));
    context.passSeconds(3_600);
    assertEquals(Long.MAX_VALUE, send(job));
    assertEquals(3, sent);
  }

  /** The example of Standard Webhooks' own libraries. */
  @Test
  void theSignatureIsThatOfOthersForTheirExample() {
    byte[] key = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    Buffer payload = Buffer.buffer("{\"test\": 2432232314}");
    assertEquals(
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        CallbackSender.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", payload));
  }

  @Test
  void aReceiverThatDoesNotAnswerIsGivenFewAtOnceAndDoesNotHoldUpOthers() {
    Callbacks two =
        new Callbacks(
            SECRET,
            List.of("silent.example", "hooks.example"),
            Duration.ofSeconds(10),
            Duration.ofHours(1));
    List<Promise<Integer>> open = new ArrayList<>();
    CallbackSender busy =
        new CallbackSender(
            two,
            (to, with, what, timeout) -> {
              Promise<Integer> answer = Promise.promise();
              open.add(answer);
              return to.host().equals("silent.example")
                  ? answer.future()
                  : Future.succeededFuture(200);
            },
            context.timeline());
    Job first = job("job_0", "https://silent.example/");
    busy.send(first);
    assertEquals(first.endedMillis() + 60_000, context.await(busy.send(first)).result());
    assertEquals(1, open.size(), "it is being told of");
    for (int i = 1; i < 1_000; i++) {
      busy.send(job("job_" + i, "https://silent.example/"));
    }
    assertEquals(32, open.size());
    Job other = job("job_other", "https://hooks.example/");
    assertEquals(Long.MAX_VALUE, context.await(busy.send(other)).result());
    open.getFirst().complete(500);
    busy.send(first);
    assertEquals(34, open.size(), "the other, and a second try of the first");
  }

  @Test
  void aReceiverThatIsGoneIsLeftAlone() {
    status = 410;
    assertEquals(Long.MAX_VALUE, send(job("https://hooks.example/done")));
  }

  @Test
  void onlyHostsThatAreAllowedAreCalled() {
    assertEquals(Long.MAX_VALUE, send(job("http://169.254.169.254/latest")));
    assertEquals(0, sent);
    assertThrows(
        IllegalArgumentException.class, () -> options.address("https://hooks.example.evil/"));
    assertEquals(443, options.address("https://Hooks.Example/done").port());
    assertFalse(options.toString().contains(SECRET), options.toString());
    assertTrue(options.toString().contains("hooks.example"), options.toString());
  }
}
