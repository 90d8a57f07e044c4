package dev.forebay.core.kernel;

import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.policy.Backend;
import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A span of a plugin: what it throws is noted, and its request goes on. */
public final class GuardedSpan implements RequestSpan {

  private static final String NAME = "tracing";

  /** For a try whose span could not be made: its request goes on under the span of the whole. */
  private static final RequestSpan NONE =
      new RequestSpan() {
        @Override
        public Headers onto(Headers caller) {
          return caller;
        }

        @Override
        public void event(String name, String... facts) {}

        @Override
        public RequestSpan attempt(
            InferenceRequest request, String endpoint, @Nullable URI address) {
          return this;
        }

        @Override
        public void answered(InferenceResponse response) {}

        @Override
        public void over(Outcome outcome) {}
      };

  private final RequestSpan span;
  private final PluginErrors errors;

  /** A span; {@code errors} is told what it throws. */
  public GuardedSpan(RequestSpan span, PluginErrors errors) {
    this.span = span;
    this.errors = errors;
  }

  /** The span of a try; null if the request is not traced. */
  public static @Nullable RequestSpan ofTry(InferenceRequest request, Backend.Facts to) {
    RequestSpan whole = request.call().span();
    return whole == null ? null : whole.attempt(request, to.id(), to.address());
  }

  /** The request as it goes on under a span. */
  public static InferenceRequest sent(InferenceRequest request, @Nullable RequestSpan span) {
    if (span == null) {
      return request;
    }
    HttpHead head = request.head();
    return request.with(new HttpHead(head.path(), span.onto(head.headers())));
  }

  /** Tells a span of an outcome before others. */
  public static Consumer<Outcome> telling(@Nullable RequestSpan span, Consumer<Outcome> others) {
    return span == null
        ? others
        : outcome -> {
          span.over(outcome);
          others.accept(outcome);
        };
  }

  @Override
  public Headers onto(Headers caller) {
    try {
      return span.onto(caller);
    } catch (Exception | Error e) {
      errors.note(NAME, e);
      return caller;
    }
  }

  @Override
  public void event(String name, String... facts) {
    try {
      span.event(name, facts);
    } catch (Exception | Error e) {
      errors.note(NAME, e);
    }
  }

  @Override
  public RequestSpan attempt(InferenceRequest request, String endpoint, @Nullable URI address) {
    try {
      return new GuardedSpan(span.attempt(request, endpoint, address), errors);
    } catch (Exception | Error e) {
      errors.note(NAME, e);
      return NONE;
    }
  }

  @Override
  public void answered(InferenceResponse response) {
    try {
      span.answered(response);
    } catch (Exception | Error e) {
      errors.note(NAME, e);
    }
  }

  @Override
  public void over(Outcome outcome) {
    try {
      span.over(outcome);
    } catch (Exception | Error e) {
      errors.note(NAME, e);
    }
  }
}
