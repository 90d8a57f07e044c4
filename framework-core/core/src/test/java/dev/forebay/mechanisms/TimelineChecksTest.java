package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A call from the wrong timeline fails its test, although virtual time has one thread only. */
class TimelineChecksTest {

  private static final String ON_THE_REQUESTS =
      "called on the request's timeline (expected: on the gateway's timeline)";
  private static final String ON_THE_GATEWAYS =
      "called on the gateway's timeline (expected: on the request's timeline)";
  private static final PromptKey KEY = new PromptKey(1, 2);

  private boolean plantedBackend;

  private final World world =
      new World(
          1,
          Scripted.byNumber(
              "a", number -> self -> plantedBackend ? this::writes : self.streams(3, 10)));

  private Future<InferenceResponse> writes(InferenceRequest request) {
    StreamSource source = new StreamSource(request.call(), 0, () -> {});
    world.policies.after(1, () -> source.write(Scripted.chunk("one", true)));
    return Future.succeededFuture(world.backends.get(0).response(source));
  }

  /** What a run says of a gateway of these stages. */
  private String violation(Consumer<Pipeline> description) {
    world.build(description);
    return String.valueOf(
        assertThrows(
                AssertionError.class,
                () -> {
                  world.send(KEY);
                  world.time.run();
                })
            .getMessage());
  }

  @Test
  void theTimelinesAreKeptIfNobodyIsOnTheWrongOne() {
    world.build(
        p ->
            p.rateLimit(world.limiter())
                .cache(world.cache())
                .filter("own", (request, next) -> next.serve(request))
                .admit(world.capacity(), world.queue())
                .balance(world.balancer()));
    world.send(KEY);
    world.settle();
    assertEquals(0, world.errors());
  }

  @Test
  void aPolicyIsNotEnteredFromTheRequestsTimeline() {
    Filter planted =
        (request, next) -> {
          request.call().timeline().after(1, () -> world.gateway().invalidate(KEY));
          return next.serve(request);
        };
    assertEquals(ON_THE_REQUESTS, violation(p -> p.cache(world.cache()).filter("own", planted)));
  }

  @Test
  void theStateOfAPoolIsNotReadOnTheRequestsTimeline() {
    Filter planted =
        (request, next) -> {
          Gateway gateway = world.gateway();
          request.call().timeline().after(1, () -> gateway.pool("default").state());
          return next.serve(request);
        };
    assertEquals(ON_THE_REQUESTS, violation(p -> p.filter("own", planted)));
  }

  @Test
  void aFilterIsNotCalledOnTheGatewaysTimeline() {
    Filter planted =
        (request, next) -> {
          Promise<InferenceResponse> answer = Promise.promise();
          world.policies.execute(() -> next.serve(request).onComplete(answer));
          return answer.future();
        };
    Filter innocent = (request, next) -> next.serve(request);
    assertEquals(
        ON_THE_GATEWAYS, violation(p -> p.filter("planted", planted).filter("own", innocent)));
  }

  @Test
  void aFilterDoesNotAnswerOnTheGatewaysTimeline() {
    Filter planted =
        (request, next) -> {
          Promise<InferenceResponse> answer = Promise.promise();
          next.serve(request)
              .onComplete(result -> world.policies.after(1, () -> answer.handle(result)));
          return answer.future();
        };
    assertEquals(ON_THE_GATEWAYS, violation(p -> p.filter("own", planted)));
  }

  @Test
  void aRateLimiterDoesNotDecideOnTheRequestsTimeline() {
    RateLimiter planted =
        (request, expected) -> {
          Promise<Decision> decision = Promise.promise();
          world.time.after(1, () -> decision.fail("gone"));
          return decision.future();
        };
    assertEquals(
        ON_THE_REQUESTS,
        violation(
            p -> p.rateLimit(NamedPlugin.of(RateLimiter.class, "planted", context -> planted))));
  }

  @Test
  void aCacheDoesNotAnswerOnTheRequestsTimeline() {
    ResponseCache planted =
        new ResponseCache() {
          @Override
          public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
            Promise<@Nullable CachedAnswer> found = Promise.promise();
            world.time.after(1, () -> found.complete(null));
            return found.future();
          }

          @Override
          public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
            return Future.succeededFuture();
          }

          @Override
          public Future<Void> invalidate(PromptKey key) {
            return Future.succeededFuture();
          }
        };
    assertEquals(
        ON_THE_REQUESTS,
        violation(
            p -> p.cache(NamedPlugin.of(ResponseCache.class, "planted", context -> planted))));
  }

  @Test
  void aBackendDoesNotWriteOnTheGatewaysTimeline() {
    plantedBackend = true;
    assertEquals(ON_THE_GATEWAYS, violation(p -> {}));
  }
}
