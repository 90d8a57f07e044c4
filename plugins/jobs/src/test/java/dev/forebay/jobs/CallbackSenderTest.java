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
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
    long now = context.timeline().epochMillis();
    JsonObject facts = new JsonObject().put("callback", url).put("model", "m").put("stream", false);
    JobRequest request = new JobRequest("job_1", "acme", 1, now, true, facts.toBuffer());
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
    assertFalse(options.toString().contains(SECRET), options.toString());
    assertTrue(options.toString().contains("hooks.example"), options.toString());
  }
}
