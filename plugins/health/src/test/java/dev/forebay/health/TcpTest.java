package dev.forebay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.HealthProbeContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.health.tcp.Tcp;
import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpTest implements HealthProbeContract {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final Socket bound = new Socket();

  static Map<String, String> withoutVirtualTime() {
    Map<String, String> exempt = new TreeMap<>();
    for (String rule : List.of("P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs a network: there is none in virtual time");
    }
    return exempt;
  }

  static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @BeforeEach
  void bind() throws IOException {
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void close() throws IOException {
    bound.close();
    done(vertx.close());
  }

  @Override
  public Map<String, String> exempt() {
    return withoutVirtualTime();
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Plugin<HealthProbe> plugin() {
    return Tcp.defaults();
  }

  @Override
  public Target target() {
    NetServer server =
        done(
            vertx
                .createNetServer()
                .connectHandler(
                    socket -> {
                      asked.incrementAndGet();
                      open.incrementAndGet();
                      socket.closeHandler(closed -> open.decrementAndGet());
                    })
                .listen(0, "127.0.0.1"));
    int nobody = bound.getLocalPort(); // but not listened on
    return new Target() {
      @Override
      public Backend up() {
        return At.port(server.actualPort());
      }

      @Override
      public Backend down() {
        return At.port(nobody);
      }

      // Loopback either accepts or refuses.
      @Override
      public Optional<Backend> hanging() {
        return Optional.empty();
      }

      @Override
      public long asked() {
        return asked.get();
      }

      @Override
      public long open() {
        return open.get();
      }
    };
  }

  @Test
  void aBackendWithoutAnAddressCannotBeProbed() {
    Stage stage = stage();
    HealthProbe probe = plugin().create(stage.context());
    Backend nowhere =
        new Backend() {
          @Override
          public Facts facts() {
            return Facts.of("nowhere");
          }

          @Override
          public Future<InferenceResponse> serve(InferenceRequest request) {
            return Future.failedFuture("no");
          }
        };
    Future<Void> answer =
        stage.await(() -> probe.probe(nowhere, Call.root(stage.requestTimeline())));
    assertEquals("it has no address (expected: a backend with a URL)", answer.cause().getMessage());
  }
}
