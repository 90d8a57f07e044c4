package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source that is watched, and what it told. Lists are compared without regard to their order. */
final class Watching implements EndpointSource.Watcher, AutoCloseable {

  private final Stage stage;
  private final EndpointSource source;
  private final List<List<Instance>> lists = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private @Nullable List<Instance> wanted;
  private Promise<Void> met = Promise.promise();
  private boolean failureWanted;

  /** Makes the source, and begins to watch. */
  Watching(Stage stage, Plugin<EndpointSource> plugin) {
    this.stage = stage;
    this.source = plugin.create(stage.context());
    stage.await(
        () -> {
          source.watch(this);
          return Future.succeededFuture();
        });
  }

  @Override
  public synchronized void members(List<Instance> all) {
    List<Instance> sorted = sorted(all);
    lists.add(sorted);
    if (sorted.equals(wanted)) {
      met.tryComplete();
    }
  }

  @Override
  public synchronized void failed(String why) {
    failures.add(why);
    if (failureWanted) {
      met.tryComplete();
    }
  }

  /** Waits until the last list that was told is this one. */
  List<Instance> await(List<Instance> expected) {
    List<Instance> sorted = sorted(expected);
    Future<Void> future;
    synchronized (this) {
      if (!lists.isEmpty() && lists.getLast().equals(sorted)) {
        return sorted;
      }
      wanted = sorted;
      met = Promise.promise();
      future = met.future();
    }
    try {
      stage.await(() -> future);
    } catch (IllegalStateException e) {
      throw Rule.broken("%s (expected: the list %s)", last(), sorted);
    }
    return sorted;
  }

  /** Waits until a failure is told that was not told before. */
  String awaitFailure() {
    Future<Void> future;
    synchronized (this) {
      if (!failures.isEmpty()) {
        return failures.getLast();
      }
      failureWanted = true;
      met = Promise.promise();
      future = met.future();
    }
    try {
      stage.await(() -> future);
    } catch (IllegalStateException e) {
      throw Rule.broken("%s (expected: a failure)", last());
    }
    synchronized (this) {
      return failures.getLast();
    }
  }

  /** The last of what was told: a source may tell without an end. */
  private synchronized String last() {
    return "told %d lists, the last %s, and %d failures, the last %s"
        .formatted(
            lists.size(),
            lists.isEmpty() ? "none" : lists.getLast(),
            failures.size(),
            failures.isEmpty() ? "none" : failures.getLast());
  }

  /** Sorted by id. */
  List<Instance> sorted(List<Instance> all) {
    return all.stream().sorted(Comparator.comparing(Instance::id)).toList();
  }

  synchronized List<List<Instance>> lists() {
    return List.copyOf(lists);
  }

  synchronized int told() {
    return lists.size() + failures.size();
  }

  @Override
  public void close() {
    Future<Void> closed = stage.await("close", source::close);
    Rule.require(closed.succeeded(), "close failed: %s", closed.cause());
  }
}
