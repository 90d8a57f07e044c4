package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The engines of this process. Backends with the same model and the same options share one, and an
 * engine that nobody uses any more waits for the next who asks for it: the binding cannot free a
 * model without a race that may hang or crash the process. Weights are mapped, so what an idle one
 * holds on to is its context.
 */
final class Engines {

  /** Engines that a process may have. */
  static final int MOST = 16;

  private static final Map<Key, Slots> ENGINES = new LinkedHashMap<>();

  private Engines() {}

  /** What makes engines equal. */
  record Key(
      String path,
      long size,
      long modifiedMillis,
      int slots,
      int context,
      int queue,
      int threads,
      int batch,
      boolean flashAttention,
      boolean mmap,
      boolean mlock,
      boolean embeddings) {

    /** For answers. */
    static Key of(LlamaOptions options, GgufFile file) {
      return new Key(
          file.path().toAbsolutePath().toString(),
          file.size(),
          modified(file),
          options.slots(),
          options.context(),
          options.queue(),
          options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads(),
          options.batch(),
          options.flashAttention(),
          options.mmap(),
          options.mlock(),
          false);
    }

    /** For embeddings: one slot of its own. */
    Key forEmbeddings() {
      return new Key(
          path, size, modifiedMillis, 1, context, queue, threads, batch, false, mmap, mlock, true);
    }

    private static long modified(GgufFile file) {
      try {
        return Files.getLastModifiedTime(file.path()).toMillis();
      } catch (IOException e) {
        return 0;
      }
    }
  }

  /** The engine for a key; a new one is not loaded yet. */
  static synchronized Slots get(Key key) {
    Slots found = ENGINES.get(key);
    if (found == null) {
      if (ENGINES.size() >= MOST) {
        throw new IllegalArgumentException(
            "model: "
                + (MOST + 1)
                + " engines in one process (expected: at most "
                + MOST
                + "; they cannot be freed: use llama-server)");
      }
      found = new Slots(key.slots(), key.queue(), () -> KherudEngine.load(key));
      ENGINES.put(key, found);
    }
    return found;
  }
}
