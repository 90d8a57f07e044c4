package dev.forebay.accesslog;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Notes how each request ended, and leaves the rest to its writer. */
final class AccessLogFilter implements Filter, Lifecycle {

  private final AccessLog options;
  private final LineWriter writer;
  private final @Nullable ReplayFields replay;

  AccessLogFilter(AccessLog options, PluginContext context) {
    this.options = options;
    this.replay = options.replay() ? new ReplayFields(context.random().nextLong()) : null;
    String file = options.file();
    this.writer =
        new LineWriter(
            file == null ? Target.stdout() : Target.file(Path.of(file)), options.queue(), context);
  }

  @Override
  public void prepare() {
    writer.start();
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    long arrived = request.call().timeline().nanos();
    return next.serve(request).onComplete(answer -> answered(request, arrived, answer));
  }

  private void answered(
      InferenceRequest request, long arrived, AsyncResult<InferenceResponse> answer) {
    if (answer.failed()) {
      long now = request.call().timeline().nanos();
      Failure failure = Failure.from(answer.cause());
      over(request, arrived, null, Outcome.failed(failure, arrived, now));
    } else {
      InferenceResponse response = answer.result();
      response.tokens().outcome().onSuccess(how -> over(request, arrived, response, how));
    }
  }

  private void over(
      InferenceRequest request,
      long arrived,
      @Nullable InferenceResponse response,
      Outcome outcome) {
    Timeline timeline = request.call().timeline();
    Line line =
        new Line(
            timeline.epochMillis(),
            request.info(),
            TraceId.of(request.head().headers()),
            response == null ? null : response.servedBy(),
            response == null ? null : response.headers(),
            outcome,
            arrived,
            timeline.nanos());
    writer.offer(() -> line.json(options.maxField(), replay));
  }

  @Override
  public Future<Void> close() {
    return writer.close();
  }
}
