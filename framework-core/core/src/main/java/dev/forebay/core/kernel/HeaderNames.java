package dev.forebay.core.kernel;

import java.util.Set;

/** The headers of callers that a gateway's backends pass on, and that may change answers. */
@FunctionalInterface
public interface HeaderNames {

  /**
   * Their names, in lower case, as {@link dev.forebay.spi.policy.Backend.Facts#passedHeaders()}.
   */
  Set<String> passed();
}
