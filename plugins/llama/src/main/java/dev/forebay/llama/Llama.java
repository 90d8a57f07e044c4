package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model in the gateway's own process, and what it may take.
 *
 * @param id unique in the pool
 * @param model path of a GGUF file
 * @param models names by which callers ask for it; empty where it takes any
 * @param slots requests that it answers at once, in one batch
 * @param context tokens of a prompt and its answer together, for each slot
 * @param queue requests that wait for a slot; further ones are refused
 * @param maxOutput tokens of an answer where the caller gives no bound
 * @param threads threads that compute; 0 for one per processor
 * @param batch tokens of prompts that are computed in one go
 * @param reusePrefix whether a slot keeps what it has computed for the next prompt that begins
 *     alike
 * @param flashAttention whether attention is computed in one fused operator
 * @param mmap whether weights are mapped from the file, so that they are shared and can be evicted
 * @param mlock whether weights are kept from being evicted
 * @param embeddings whether it answers embeddings, too: takes a second context
 */
@RecordBuilder
@Doc(
    "A quantized model (GGUF) in the gateway's own process, by llama.cpp: streamed and whole"
        + " answers, JSON schemas, embeddings. A crash of the engine is a crash of the gateway:"
        + " llama-server keeps them apart.")
public record Llama(
    @Doc("Name of the endpoint, unique in its pool.") String id,
    @Doc("Path of the model, a GGUF file.") @FileName String model,
    @Doc("Models that it offers; empty where it takes any.") @Default("[]") List<String> models,
    @Doc("Requests that it answers at once, in one batch.")
        @Default("4")
        @Range(min = 1, max = 64)
        @Unit("requests")
        int slots,
    @Doc("Longest prompt and answer together.")
        @Default("2048")
        @Range(min = 64, max = 1 << 20)
        @Unit("tokens")
        int context,
    @Doc("Requests that wait for a slot; further ones are refused with 503.")
        @Default("16")
        @Range(min = 0, max = 100_000)
        @Unit("requests")
        int queue,
    @Doc("Longest answer where the caller gives no bound.")
        @Default("512")
        @Range(min = 1, max = 1 << 20)
        @Unit("tokens")
        int maxOutput,
    @Doc("Threads that compute; 0 for one per processor.")
        @Default("0")
        @Range(min = 0, max = 1024)
        @Unit("threads")
        int threads,
    @Doc("Tokens of prompts that are computed in one go.")
        @Default("512")
        @Range(min = 32, max = 1 << 16)
        @Unit("tokens")
        int batch,
    @Doc("Whether a slot keeps what it has computed for the next prompt that begins alike.")
        @Default("true")
        boolean reusePrefix,
    @Doc("Whether attention is computed in one fused operator.") @Default("true")
        boolean flashAttention,
    @Doc("Whether weights are mapped from the file: shared, and evicted under pressure.")
        @Default("true")
        boolean mmap,
    @Doc("Whether weights are locked in memory.") @Default("false") boolean mlock,
    @Doc("Whether it answers embeddings, too: takes a second context.") @Default("false")
        boolean embeddings)
    implements Plugin<Backend>, LlamaBuilder.With {

  /** Copies. */
  public Llama {
    models = List.copyOf(models);
  }

  /** A model with everything else at its default. */
  public static Llama of(String id, String model) {
    return Options.defaults(Llama.class, Map.entry("id", id), Map.entry("model", model));
  }

  @Override
  public Backend create(PluginContext context) {
    return new LlamaBackend(this, read(model), context);
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
