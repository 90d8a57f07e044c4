package dev.forebay.jobs;

import dev.forebay.spi.Filter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoutes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the section: what takes jobs, tells of them, works on them, and looks after them.
 */
final class JobSection implements Section {

  private final Jobs options;
  private final Timeline timeline;
  private final JobService jobs;
  private final @Nullable HttpPoster poster;
  private final JobKeeper keeper;
  private final JobRoutes routes;
  private final Worker worker;

  JobSection(Jobs options, PluginContext context) {
    this.options = options;
    this.timeline = context.timeline();
    this.jobs = new JobService(options, context);
    this.poster =
        options.callbacks() == null
            ? null
            : context.resource(Vertx.class).map(it -> new HttpPoster(it, timeline)).orElse(null);
    CallbackSender sender =
        poster == null || options.callbacks() == null
            ? null
            : new CallbackSender(options.callbacks(), poster, timeline);
    this.keeper = new JobKeeper(options, jobs, sender, context);
    this.routes = new JobRoutes(jobs, timeline, keeper::told);
    this.worker =
        new Worker(options, jobs, () -> context.resource(Service.class).orElseThrow(), context);
    context.resource(HttpRoutes.class).ifPresent(routes::add);
  }

  @Override
  public Filter front() {
    return new DeferringFilter(jobs, timeline, options.maxWait());
  }

  @Override
  public void prepare() {
    keeper.start(worker::poll);
  }

  @Override
  public void draining() {
    timeline.execute(
        () -> {
          worker.drain();
          routes.stopReaders();
        });
  }

  @Override
  public Future<Void> close() {
    keeper.close();
    routes.stopReaders();
    return worker
        .close()
        .onComplete(done -> jobs.bounded.close())
        .eventually(() -> poster == null ? Future.succeededFuture() : poster.close());
  }
}
