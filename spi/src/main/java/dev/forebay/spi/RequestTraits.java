package dev.forebay.spi;

/**
 * What of a request's parameters decides how it may be answered from a cache: facts, never words of
 * the prompt.
 *
 * @param temperature the temperature that it asks for; NaN if it leaves that to the model
 * @param tools whether it offers tools or functions, so that its answer may be an action
 * @param includeUsage whether a streamed answer is to end with its usage
 */
public record RequestTraits(double temperature, boolean tools, boolean includeUsage) {

  /** A request that says nothing special. */
  public static final RequestTraits PLAIN = new RequestTraits(Double.NaN, false, false);
}
