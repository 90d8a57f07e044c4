package dev.forebay.discovery;

import dev.forebay.conformance.EndpointSourceContract;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;

/** Sources that need a network, or files. */
abstract class NetworkContract implements EndpointSourceContract {

  final Vertx vertx = Vertx.vertx();

  static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /** What a source says that it leaves out of its first list. */
  final List<String> leftOut(Plugin<EndpointSource> plugin) {
    Stage stage = stage();
    Promise<List<String>> told = Promise.promise();
    EndpointSource source = plugin.create(stage.context());
    stage.await(
        () -> {
          source.watch(
              new EndpointSource.Watcher() {
                @Override
                public void members(List<Instance> all) {
                  told.tryFail("a list of which nothing is left out");
                }

                @Override
                public void members(List<Instance> all, List<String> without) {
                  told.tryComplete(without);
                }

                @Override
                public void failed(String why) {
                  told.tryFail(why);
                }
              });
          return told.future();
        });
    stage.await(source::close);
    return told.future().result();
  }

  @AfterEach
  void closeVertx() {
    done(vertx.close());
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new TreeMap<>();
    for (String rule : List.of("P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs what is outside: there is none in virtual time");
    }
    return exempt;
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }
}
