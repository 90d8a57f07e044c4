package dev.forebay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.HealthProbeContract;
import dev.forebay.conformance.ScriptedBackend;
import dev.forebay.conformance.TestContext;
import dev.forebay.health.inference.Inference;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InferenceTest implements HealthProbeContract {

  @Override
  public Plugin<HealthProbe> plugin() {
    return Inference.model("deepseek-flash");
  }

  @Override
  public Target target() {
    ScriptedBackend up = new ScriptedBackend("up", true);
    ScriptedBackend down = new ScriptedBackend("down", false);
    ScriptedBackend hanging = ScriptedBackend.hanging("hanging");
    return new Target() {
      @Override
      public Backend up() {
        return up;
      }

      @Override
      public Backend down() {
        return down;
      }

      @Override
      public Optional<Backend> hanging() {
        return Optional.of(hanging);
      }

      @Override
      public long asked() {
        return up.asked() + down.asked() + hanging.asked();
      }

      @Override
      public long open() {
        return up.open() + down.open() + hanging.open();
      }
    };
  }

  @Test
  void itAsksForOneTokenAndNoMore() {
    List<InferenceRequest> sent = new ArrayList<>();
    ask(
        request -> {
          sent.add(request);
          return Future.failedFuture(Failure.cancelled());
        });
    assertEquals(
        "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"ping\"}],"
            + "\"max_tokens\":1,\"stream\":true}",
        sent.get(0).body().toString());
    assertEquals(1, sent.get(0).info().maxOutputTokens());
  }

  @Test
  void whatIsNoFaultOfTheEndpointIsAnAnswer() {
    for (Status status : List.of(Status.CALLER_FAULT, Status.ACCOUNT_OUT, Status.THROTTLED)) {
      assertTrue(fails(status).succeeded(), status.name());
    }
    for (Status status : List.of(Status.OVERLOADED, Status.STALLED, Status.TIMED_OUT)) {
      assertTrue(fails(status).failed(), status.name());
    }
  }

  /** A model may spend its one token on reasoning that nobody sees. */
  @Test
  void anAnswerThatEndsWellWithoutContentIsOne() {
    for (boolean ends : new boolean[] {true, false}) {
      Future<Void> probed =
          ask(
              request -> {
                StreamSource source = new StreamSource(request.call(), 0, () -> {});
                source.write(new Chunk(Buffer.buffer("data: {}"), Chunk.Kind.PRELUDE, 0, false));
                if (ends) {
                  source.write(new Chunk(Buffer.buffer("x"), Chunk.Kind.TRAILER, 0, true));
                } else {
                  source.fail(Failure.overloaded(502, "cut", "cut"));
                }
                return Future.succeededFuture(
                    new InferenceResponse("one", 200, Headers.EMPTY, source));
              });
      assertEquals(ends, probed.succeeded());
    }
  }

  private Future<Void> fails(Status status) {
    return ask(request -> Future.failedFuture(Failure.of(status, 503, "reason", "message")));
  }

  private Future<Void> ask(
      java.util.function.Function<InferenceRequest, Future<InferenceResponse>> act) {
    TestContext context = TestContext.create();
    Backend backend =
        new Backend() {
          @Override
          public Facts facts() {
            return Facts.of("one");
          }

          @Override
          public Future<InferenceResponse> serve(InferenceRequest request) {
            return act.apply(request);
          }
        };
    return context.await(plugin().create(context).probe(backend, Call.root(context.timeline())));
  }
}
