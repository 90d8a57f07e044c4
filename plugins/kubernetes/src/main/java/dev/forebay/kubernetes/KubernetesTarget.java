package dev.forebay.kubernetes;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes the scale of a workload. A write carries the version that was read, so that a
 * change of somebody else is a conflict: then the scale is read again and written again. Conflicts
 * and errors of the server are tried again after growing, random pauses; what fails after that
 * changes nothing.
 */
final class KubernetesTarget implements ScalingTarget {

  private static final Logger LOG = LoggerFactory.getLogger(KubernetesTarget.class);
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final String COST = "controller.kubernetes.io/pod-deletion-cost";

  private final KubernetesScale options;
  private final ScaleApi api;
  private final PluginContext context;
  private final AtomicBoolean usageLost = new AtomicBoolean();
  private long cheapest;

  KubernetesTarget(KubernetesScale options, ScaleApi api, PluginContext context) {
    this.options = options;
    this.api = api;
    this.context = context;
  }

  @Override
  public Future<Observed> observe() {
    return context
        .timeline()
        .bring(
            attempt(api::scale, 1)
                .compose(
                    scale ->
                        usage(scale).map(used -> new Observed(ScaleApi.replicas(scale), used))));
  }

  /** What pods use; empty if it is not asked for, or the metrics API does not answer. */
  private Future<List<Usage>> usage(JsonObject scale) {
    String selector = scale.getJsonObject("status", new JsonObject()).getString("selector", "");
    if (!options.usage() || selector.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return api.usage(selector)
        .map(this::usages)
        .onSuccess(found -> tell(null))
        .otherwise(
            thrown -> {
              tell(thrown);
              return List.of();
            });
  }

  /** Says when the metrics API begins to fail, and when it works again. */
  private void tell(@Nullable Throwable thrown) {
    if (!usageLost.compareAndSet(thrown == null, thrown != null)) {
      return;
    }
    if (thrown == null) {
      LOG.warn(
          "{}: the metrics API answers again", options.name()); // beside the line that it does not
    } else {
      LOG.warn(
          "{}: the metrics API: {}; what pods use is unknown until it answers",
          options.name(),
          thrown.getMessage());
    }
  }

  private List<Usage> usages(JsonObject list) {
    List<Usage> all = new ArrayList<>();
    JsonArray items = list.getJsonArray("items", new JsonArray());
    for (int i = 0; i < items.size(); i++) {
      all.add(usageOf(items.getJsonObject(i)));
    }
    return all;
  }

  private Usage usageOf(JsonObject pod) {
    long age = ageNanos(pod.getString("timestamp", ""));
    double cpu = 0;
    double memory = 0;
    JsonArray containers = pod.getJsonArray("containers", new JsonArray());
    for (int i = 0; i < containers.size(); i++) {
      JsonObject used = containers.getJsonObject(i).getJsonObject("usage", new JsonObject());
      cpu += Quantity.parse(used.getString("cpu", "0"));
      memory += Quantity.parse(used.getString("memory", "0"));
    }
    return new Usage(
        pod.getJsonObject("metadata").getString("name", ""),
        new Figure(cpu / options.cpuCores(), age),
        options.memory() == 0 ? null : new Figure(memory / options.memory(), age));
  }

  private long ageNanos(String timestamp) {
    try {
      long age = context.timeline().epochMillis() - Instant.parse(timestamp).toEpochMilli();
      return Math.max(0, age) * 1_000_000;
    } catch (DateTimeParseException e) {
      return Long.MAX_VALUE; // without a time, it may be of any age
    }
  }

  @Override
  public Future<Void> scale(int replicas, List<String> leaving) {
    return context
        .timeline()
        .bring(marked(leaving).compose(nothing -> attempt(() -> write(replicas), 1)).mapEmpty());
  }

  /**
   * Marks pods as the first to go; one that cannot be marked only loses that. A later mark is a
   * lower cost, here or after a restart: so a mark of an order that came to nothing does no harm.
   * All are below the cost of any other pod, which is 0.
   */
  private Future<Void> marked(List<String> leaving) {
    long seconds = context.timeline().epochMillis() / 1_000;
    cheapest = Math.max(Integer.MIN_VALUE, Math.min(cheapest - 1, -seconds));
    String cost = Long.toString(cheapest);
    List<Future<JsonObject>> marks = new ArrayList<>();
    for (String pod : leaving) {
      marks.add(
          api.annotate(pod, COST, cost)
              .onFailure(
                  thrown -> LOG.warn("{}: {}: {}", options.name(), pod, thrown.getMessage())));
    }
    return Future.join(marks).<Void>mapEmpty().otherwiseEmpty();
  }

  private Future<JsonObject> write(int replicas) {
    return api.scale()
        .compose(
            scale -> {
              if (ScaleApi.replicas(scale) == replicas) {
                return Future.succeededFuture(scale);
              }
              JsonObject spec = scale.getJsonObject("spec", new JsonObject()).copy();
              return api.scale(scale.copy().put("spec", spec.put("replicas", replicas)));
            });
  }

  private Future<JsonObject> attempt(Supplier<Future<JsonObject>> call, int number) {
    return call.get()
        .recover(
            thrown -> {
              boolean passing = !(thrown instanceof ScaleApi.Refused refused) || refused.passing();
              if (number >= options.attempts() || !passing) {
                return Future.failedFuture(thrown);
              }
              LOG.info("{}: {}; tried again", options.name(), thrown.getMessage());
              Promise<JsonObject> again = Promise.promise();
              context
                  .timeline()
                  .execute(
                      () ->
                          context
                              .timeline()
                              .after(
                                  pauseNanos(number),
                                  () -> attempt(call, number + 1).onComplete(again)));
              return again.future();
            });
  }

  private long pauseNanos(int number) {
    return (long) ((FIRST_PAUSE_NANOS << number) * (0.5 + context.random().nextDouble() / 2));
  }

  @Override
  public Future<Void> close() {
    return api.close();
  }
}
