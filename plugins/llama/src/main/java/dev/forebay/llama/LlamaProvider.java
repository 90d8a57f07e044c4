package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Makes backends named {@code llama}. */
public final class LlamaProvider implements Provider<Backend, LlamaOptions> {

  /** A backend, for pipelines in code. */
  public static Plugin<Backend> backend(LlamaOptions options) {
    return Plugin.of(new LlamaProvider(), options);
  }

  @Override
  public Class<Backend> kind() {
    return Backend.class;
  }

  @Override
  public String name() {
    return "llama";
  }

  @Override
  public Class<LlamaOptions> options() {
    return LlamaOptions.class;
  }

  @Override
  public Backend create(LlamaOptions options, PluginContext context) {
    return new LlamaBackend(options, read(options.model()), context);
  }

  /** Reads and checks the model's head: the engine maps the file, and believes what it says. */
  static GgufFile read(String model) {
    try {
      GgufFile file = GgufFile.read(Path.of(model));
      ModelCheck.check(file);
      return file;
    } catch (IOException e) {
      throw new IllegalArgumentException("model: " + e.getMessage(), e);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("model: no path (expected: one of a GGUF file)", e);
    }
  }
}
