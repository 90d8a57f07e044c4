package dev.forebay.core.kernel;

import dev.forebay.spi.PluginContext;

/** What the stages of one gateway share. */
public final class Shared {

  private Shared() {}

  /**
   * Finds it.
   *
   * @throws IllegalArgumentException if the context is not that of a gateway
   */
  public static <T> T of(Class<T> type, PluginContext context) {
    return context
        .resource(type)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    context.name()
                        + ": there is no "
                        + type.getSimpleName()
                        + " here (expected: to be a stage of a gateway)"));
  }
}
