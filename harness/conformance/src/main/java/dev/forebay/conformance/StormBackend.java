package dev.forebay.conformance;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;

/** What answers the jobs of a {@link JobStorm}: as their bodies say, with the id of the request. */
@Named("storm")
@Doc("Answers as the body of a request says.")
record StormBackend() implements Plugin<Backend> {

  @Override
  public Backend create(PluginContext context) {
    return new Backend() {
      @Override
      public Facts facts() {
        return Facts.of("storm");
      }

      @Override
      public Future<InferenceResponse> serve(InferenceRequest request) {
        StormJob job = StormJob.of(request.body());
        Promise<InferenceResponse> answer = Promise.promise();
        request
            .call()
            .timeline()
            .after(TimeUnit.MILLISECONDS.toNanos(job.millis()), () -> end(request, job, answer));
        return answer.future();
      }
    };
  }

  private static void end(
      InferenceRequest request, StormJob job, Promise<InferenceResponse> answer) {
    String id = request.info().id();
    switch (job.end()) {
      case DONE -> answer.complete(whole(request, id));
      case FAILED -> answer.fail(Failure.of(Status.CALLER_FAULT, 400, "storm", "no to " + id));
      default -> answer.fail(Failure.overloaded(503, "storm", "not " + id));
    }
  }

  private static InferenceResponse whole(InferenceRequest request, String text) {
    Timeline timeline = request.call().timeline();
    StreamSource source = new StreamSource(request.call(), timeline.nanos(), () -> {});
    source.write(Chunk.whole(Buffer.buffer(text), 1));
    return new InferenceResponse("storm", 200, Headers.of("content-type", "text/plain"), source);
  }
}
