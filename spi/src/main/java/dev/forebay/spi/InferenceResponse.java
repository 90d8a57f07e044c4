package dev.forebay.spi;

/**
 * The head of an answer, and the stream of its content.
 *
 * @param servedBy the id of the endpoint, or of the filter, that answered
 * @param status the HTTP status, 200 to 299: everything else is a {@link Failure}
 * @param headers headers for the caller, the content type among them
 * @param tokens the content; a whole answer is a stream of one chunk
 */
public record InferenceResponse(String servedBy, int status, Headers headers, TokenStream tokens) {

  /** This response with another stream. */
  public InferenceResponse with(TokenStream other) {
    return new InferenceResponse(servedBy, status, headers, other);
  }

  /** This response with other headers. */
  public InferenceResponse with(Headers other) {
    return new InferenceResponse(servedBy, status, other, tokens);
  }

  /** This response with a header added or replaced. */
  public InferenceResponse withHeader(String name, String value) {
    return new InferenceResponse(servedBy, status, headers.with(name, value), tokens);
  }
}
