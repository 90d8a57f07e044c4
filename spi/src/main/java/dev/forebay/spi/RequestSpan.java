package dev.forebay.spi;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A part of a request's story: the whole request, or one try of it at a backend. What happens to a
 * request is told to the span of the whole, by {@link Call#span()}. Methods are called from any
 * thread, must be quick and must not block.
 */
public interface RequestSpan {

  /**
   * The headers that go on with the request, so that the next server continues this span.
   *
   * @param caller the headers as they came
   */
  Headers onto(Headers caller);

  /**
   * Something happened to the request, such as a hit in a cache or a retry.
   *
   * @param name lower-case words joined by dots, from a fixed set
   * @param facts names and values in turn; never words of a prompt or an answer
   */
  void event(String name, String... facts);

  /**
   * The request is about to be given to an endpoint.
   *
   * @param address of its API; null if it has none
   * @return the span of this try
   */
  RequestSpan attempt(InferenceRequest request, String endpoint, @Nullable URI address);

  /** The head of the answer is there; told to the span of the whole request only. */
  void answered(InferenceResponse response);

  /** The request, or the try, is over; once, and last. */
  void over(Outcome outcome);
}
