package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What a source of endpoints told its watcher, and the wait for it. */
public final class Heard implements EndpointSource.Watcher {

  private static final long LOOK_NANOS = 5_000_000;

  private final Stage stage;
  private final EndpointSource source;
  private final List<List<Instance>> lists = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  private Heard(Stage stage, EndpointSource source) {
    this.stage = stage;
    this.source = source;
  }

  /** Makes a source on a stage, and watches it. */
  public static Heard by(Stage stage, Plugin<EndpointSource> plugin) {
    Heard heard = new Heard(stage, plugin.create(stage.context()));
    stage.await(
        () -> {
          heard.source.watch(heard);
          return Future.succeededFuture();
        });
    return heard;
  }

  @Override
  public synchronized void members(List<Instance> all) {
    lists.add(all);
  }

  @Override
  public synchronized void failed(String why) {
    failures.add(why);
  }

  /** The lists that came, in order. */
  public synchronized List<List<Instance>> lists() {
    return List.copyOf(lists);
  }

  /** The failures that it told, in order. */
  public synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /**
   * Waits until the last list is this one.
   *
   * @throws IllegalStateException if it is not in the time that the stage waits
   */
  public void await(List<Instance> expected) {
    awaitThat(() -> !lists().isEmpty() && lists().getLast().equals(expected));
  }

  /** Waits until it fails, and gives the last failure. */
  public String awaitFailure() {
    awaitThat(() -> !failures().isEmpty());
    return failures().getLast();
  }

  /** Waits until something holds; the stage bounds how long. */
  public void awaitThat(BooleanSupplier condition) {
    Promise<Void> met = Promise.promise();
    stage.await(
        () -> {
          look(condition, met);
          return met.future();
        });
  }

  private void look(BooleanSupplier condition, Promise<Void> met) {
    if (condition.getAsBoolean()) {
      met.complete();
    } else {
      stage.requestTimeline().after(LOOK_NANOS, () -> look(condition, met));
    }
  }

  /** Closes the source. */
  public void close() {
    stage.await("close", source::close);
  }
}
