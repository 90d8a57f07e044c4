package dev.forebay.llama.server;

import dev.forebay.spi.Backend;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import io.vertx.core.Vertx;

/** Makes backends named {@code llama-server}. */
public final class LlamaServerProvider implements Provider<Backend, LlamaServerOptions> {

  /** A backend, for pipelines in code. */
  public static Plugin<Backend> backend(LlamaServerOptions options) {
    return Plugin.of(new LlamaServerProvider(), options);
  }

  @Override
  public Class<Backend> kind() {
    return Backend.class;
  }

  @Override
  public String name() {
    return "llama-server";
  }

  @Override
  public Class<LlamaServerOptions> options() {
    return LlamaServerOptions.class;
  }

  @Override
  public Backend create(LlamaServerOptions options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "llama-server: there is no network here (expected: a gateway on Vert.x)"));
    return new LlamaServerBackend(options, vertx, context);
  }
}
