package dev.forebay.metrics;

import com.codahale.metrics.SharedMetricRegistries;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.StateReader;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the state on the gateway's timeline, and writes it on a thread of Vert.x' pool. An answer
 * holds for a second, for all who ask in the same format.
 */
final class MetricsSection implements Section {

  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long UPDATE_NANOS = Duration.ofSeconds(5).toNanos();

  private final Metrics options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final StateReader state;
  private final EventLoopLag lag;
  private final Counter unreadable;
  private final DropwizardView dropwizard;
  private final Map<String, Answer> answers = new HashMap<>();
  private Registration next = Registration.NONE;

  /** An answer, or one that is being written. */
  private record Answer(long sinceNanos, Future<RouteAnswer> written) {}

  MetricsSection(Metrics options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = context.timeline();
    this.state =
        context
            .resource(StateReader.class)
            .orElseThrow(() -> new IllegalArgumentException("there is no gateway here"));
    this.unreadable = context.counter("unreadable_states");
    this.lag = new EventLoopLag(context.histogram("event_loop_lag_seconds", Buckets.SECONDS));
    context
        .resource(HttpRoutes.class)
        .ifPresent(
            routes ->
                routes.add(
                    HttpRoutes.Listener.ADMINISTRATION, HttpRoute.get("/metrics", this::answer)));
    this.dropwizard =
        new DropwizardView(SharedMetricRegistries.getOrCreate(options.registry()), options.jmx());
  }

  @Override
  public void prepare() {
    lag.watch(vertx);
    update();
  }

  /** Shows the figures in the registry, at intervals. */
  private void update() {
    next = timeline.after(UPDATE_NANOS, this::update); // also if this state cannot be read
    GatewayState now;
    try {
      now = state.state();
    } catch (RuntimeException | LinkageError e) {
      unreadable.increment();
      return;
    }
    vertx.executeBlocking(
        () -> {
          Family.Builder families = new Family.Builder();
          new Families(families).add(now);
          dropwizard.update(families.families());
          return null;
        },
        false);
  }

  private Future<RouteAnswer> answer(RouteRequest request) {
    String accept = request.head().headers().get("accept");
    ExpositionFormatWriter writer = Exposition.writer(accept == null ? "" : accept);
    long now = timeline.nanos();
    Answer last = answers.get(writer.getContentType());
    if (last == null || now - last.sinceNanos > FRESH_NANOS || last.written.failed()) {
      last = new Answer(now, write(writer, state.state()));
      answers.put(writer.getContentType(), last);
    }
    return last.written;
  }

  private Future<RouteAnswer> write(ExpositionFormatWriter writer, GatewayState now) {
    return vertx.executeBlocking(
        () -> {
          Family.Builder families = new Family.Builder();
          new Families(families).add(now);
          ProcessFigures.add(families);
          dropwizard.addOthers(families);
          byte[] text = Exposition.write(writer, families.families(), options.nativeHistograms());
          return RouteAnswer.of(200, writer.getContentType(), Buffer.buffer(text));
        },
        false);
  }

  @Override
  public Future<Void> close() {
    next.cancel();
    lag.close();
    return vertx.executeBlocking(
        () -> {
          dropwizard.close();
          return null;
        },
        false);
  }
}
