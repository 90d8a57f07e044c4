package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines of this process. Backends with the same model and the same options share one, and an
 * engine that nobody uses any more waits for the next who asks for it: the binding cannot free a
 * model without a race that may hang or crash the process. Weights are mapped, so what an idle one
 * holds on to is its context.
 *
 * <p>A process that ends while an engine computes crashes: the tables of its library are destroyed
 * under it. So the end waits, bounded, until none does. Where a gateway drains, answers may go on;
 * where nobody closes, they are cut.
 */
final class Engines {

  /** Engines that a process may have. */
  static final int MOST = 16;

  /** How long an end waits for an engine: for the slowest batch of a prompt, or a token. */
  static final Duration SETTLE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);
  private static final Duration LONGEST_DRAIN = Duration.ofHours(1);
  private static final Duration DRAIN_BEGINS = Duration.ofMillis(500);
  private static final long POLL_MILLIS = 10;

  private static volatile boolean ending;

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
    static Key of(Llama options, GgufFile file) {
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
      if (ENGINES.isEmpty()) {
        hook();
      }
      found = new Slots(key.slots(), key.queue(), () -> load(key));
      ENGINES.put(key, found);
    }
    return found;
  }

  private static Engine load(Key key) {
    try {
      return KherudEngine.load(key);
    } catch (RuntimeException | LinkageError e) {
      String what =
          "model: %s could not be loaded with %d slots of %d tokens: %s"
              .formatted(key.path(), key.slots(), key.context(), e.getMessage());
      throw new IllegalStateException(
          what
              + " (expected: an architecture that the engine knows, a tokenizer, and memory for the"
              + " weights and all slots)",
          e);
    }
  }

  /** Waits until an engine that its last backend has left computes nothing. */
  static void settle(Slots slots) {
    if (ending) {
      slots.stop();
    }
    if (!slots.settle(SETTLE)) {
      LOG.warn("a local model still computes after {}: the end of the process may crash", SETTLE);
    }
  }

  private static synchronized List<Slots> all() {
    return List.copyOf(ENGINES.values());
  }

  private static void hook() {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(Engines::end, "llama-end"));
    } catch (IllegalStateException e) {
      throw new IllegalStateException("the process ends: no model is loaded", e);
    }
  }

  private static void end() {
    ending = true;
    List<Slots> slots = all();
    // another hook may be about to close a gateway: hooks run at once, in no order
    await(
        DRAIN_BEGINS,
        () -> slots.stream().allMatch(Slots::idle) || slots.stream().anyMatch(Slots::draining));
    await(LONGEST_DRAIN, () -> slots.stream().noneMatch(Slots::draining));
    slots.forEach(Slots::stop);
    slots.forEach(Engines::settle);
  }

  private static void await(Duration bound, BooleanSupplier reached) {
    long began = System.nanoTime();
    try {
      while (!reached.getAsBoolean() && System.nanoTime() - began < bound.toNanos()) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
