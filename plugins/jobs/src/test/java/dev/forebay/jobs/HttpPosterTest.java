package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callbacks over real HTTP. */
@Timeout(60)
class HttpPosterTest {

  private static final String SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final int SILENT = 0;

  /** A callback that arrived, and whether its signature is right. */
  private record Told(String path, String id, boolean signed, JsonObject body) {}

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  private final HttpPoster poster = new HttpPoster(vertx, stage.requestTimeline());
  private final CallbackSender sender =
      new CallbackSender(
          new Callbacks(
              "whsec_" + SECRET, List.of("127.0.0.1"), Duration.ofSeconds(1), Duration.ofHours(1)),
          poster,
          stage.requestTimeline());
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private volatile int status = 204;
  private HttpServer server = listening(0);

  private HttpServer listening(int port) {
    return done(vertx.createHttpServer().requestHandler(this::take).listen(port, "127.0.0.1"));
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    done(poster.close());
    done(vertx.close());
  }

  private void take(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              told.add(
                  new Told(
                      request.path(),
                      request.getHeader("webhook-id"),
                      isSigned(request, body),
                      new JsonObject(body)));
              if (status != SILENT) {
                request
                    .response()
                    .setStatusCode(status)
                    .putHeader("location", "http://127.0.0.1:" + server.actualPort() + "/elsewhere")
                    .end("heard");
              }
            });
  }

  /** As a receiver verifies it, with what it was given only. */
  private static boolean isSigned(HttpServerRequest request, Buffer body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET), "HmacSHA256"));
      String text =
          request.getHeader("webhook-id")
              + "."
              + request.getHeader("webhook-timestamp")
              + "."
              + body.toString(StandardCharsets.UTF_8);
      byte[] expected = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return request
          .getHeader("webhook-signature")
          .equals("v1," + Base64.getEncoder().encodeToString(expected));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Job job() {
    long now = stage.requestTimeline().epochMillis();
    JsonObject facts =
        new JsonObject()
            .put("callback", "http://127.0.0.1:" + server.actualPort() + "/done")
            .put("model", "m")
            .put("stream", false);
    JobRequest request = new JobRequest("job_1", "acme", 1, now, true, facts.toBuffer());
    return new Job(request, JobState.DONE, 1, 1, "worker", now, 0, now, "", 0, true);
  }

  private long send(Job job) {
    return stage.await(() -> sender.send(job)).result();
  }

  @Test
  void aCallbackArrivesSigned() {
    assertEquals(Long.MAX_VALUE, send(job()));
    assertEquals(1, told.size());
    Told one = told.getFirst();
    assertEquals("/done", one.path());
    assertEquals("job_1", one.id());
    assertEquals(true, one.signed());
    assertEquals("job.done", one.body().getString("type"));
  }

  @Test
  void itIsSentAgainAfterAnErrorARefusedConnectionAndSilence() {
    Job job = job();
    status = 500;
    assertNotEquals(Long.MAX_VALUE, send(job));
    int port = server.actualPort();
    done(server.close());
    assertNotEquals(Long.MAX_VALUE, send(job));
    server = listening(port);
    status = SILENT;
    assertNotEquals(Long.MAX_VALUE, send(job));
    status = 200;
    assertEquals(Long.MAX_VALUE, send(job));
    assertEquals(3, told.size());
    told.forEach(one -> assertEquals("job_1", one.id()));
    told.forEach(one -> assertEquals(true, one.signed()));
  }

  @Test
  void noRedirectIsFollowed() {
    for (int each : new int[] {301, 302, 303, 307, 308}) {
      status = each;
      assertNotEquals(Long.MAX_VALUE, send(job()), "status " + each);
    }
    assertEquals(5, told.size());
    told.forEach(one -> assertEquals("/done", one.path()));
  }
}
