package dev.forebay.openai;

import dev.forebay.spi.Backend;
import dev.forebay.spi.MemoryBudget;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import io.vertx.core.Vertx;

/** Makes backends named {@code openai}. */
public final class OpenAiProvider implements Provider<Backend, OpenAiOptions> {

  /** A backend, for pipelines in code. */
  public static Plugin<Backend> backend(OpenAiOptions options) {
    return Plugin.of(new OpenAiProvider(), options);
  }

  @Override
  public Class<Backend> kind() {
    return Backend.class;
  }

  @Override
  public String name() {
    return "openai";
  }

  @Override
  public Class<OpenAiOptions> options() {
    return OpenAiOptions.class;
  }

  @Override
  public Backend create(OpenAiOptions options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "openai: there is no network here (expected: a gateway on Vert.x; in"
                            + " virtual time use the backend simulated)"));
    MemoryBudget memory =
        context.resource(MemoryBudget.class).orElseGet(() -> new MemoryBudget(Long.MAX_VALUE));
    return new OpenAiBackend(options, vertx, context.timeline(), memory);
  }
}
