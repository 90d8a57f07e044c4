package dev.forebay.benchmarks;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.PoolingType;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The engine alone, by its binding, in a process of its own: so that memory is its own, and what it
 * logs of its buffers can be read from stderr.
 */
final class LlamaEngine {

  static final int SLOTS = 4;
  static final int CONTEXT = 1024;
  private static final int PROMPT_WORDS = 160;
  static final int ANSWER_TOKENS = 48;
  private static final int PREFILLS = 4;
  private static final int ROUNDS = 3;
  private static final Duration SETTLE = Duration.ofSeconds(10);
  private static final Semaphore OPEN = new Semaphore(SLOTS, true); // answers under way
  private static final AtomicBoolean ENDING = new AtomicBoolean();

  private LlamaEngine() {}

  /** Measures speed and memory; writes {@code name value} lines. */
  static void speed(String path, boolean flash, PrintStream out) throws IOException {
    LlamaModel model = load(path, flash);
    SplittableRandom random = new SplittableRandom(1);
    generate(model, words(random, 8), 8, false); // warm
    out.println("resident " + memory("VmRSS"));
    out.println("file " + memory("RssFile"));
    for (int streams : new int[] {1, 2, 4}) {
      out.println("prefill" + streams + " " + prefill(model, random, streams));
    }
    for (int streams : new int[] {1, 2, 4}) {
      double best = 0;
      for (int round = 0; round < ROUNDS; round++) {
        best = Math.max(best, decode(model, random, streams));
      }
      out.println("decode" + streams + " " + best);
    }
    for (boolean reuse : new boolean[] {false, true}) {
      out.println("turn-" + (reuse ? "reused " : "anew ") + turns(model, random, reuse));
    }
    out.flush();
    Runtime.getRuntime().halt(0); // the engine's thread would keep the JVM alive
  }

  /** Writes the last hidden state after each of some prompts. */
  static void hidden(String path, int prompts, PrintStream out) {
    LlamaModel model =
        new LlamaModel(
            parameters(path, 1, false).enableEmbedding().setPoolingType(PoolingType.LAST));
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < prompts; i++) {
      StringBuilder line = new StringBuilder("hidden");
      for (float value : model.embed(words(random, 24))) {
        line.append(' ').append(value);
      }
      out.println(line);
    }
    out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** Loads a model, and has the end of the process, a signal's too, wait until it is idle. */
  static LlamaModel load(String path, boolean flash) {
    LlamaModel model = new LlamaModel(parameters(path, SLOTS, flash));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(model), "llama-end"));
    return model;
  }

  /** What is computed while a process ends finds its tables destroyed, and crashes. */
  private static void end(LlamaModel model) {
    ENDING.set(true);
    Thread settling = new Thread(() -> settle(model), "llama-settle");
    settling.setDaemon(true);
    settling.start();
    join(settling, SETTLE);
  }

  /** The engine takes what it is told in order: an answer of one token comes after all before. */
  private static void settle(LlamaModel model) {
    OPEN.acquireUninterruptibly(SLOTS);
    answer(model, "a", 1, false);
  }

  private static ModelParameters parameters(String path, int slots, boolean flash) {
    int threads = Runtime.getRuntime().availableProcessors();
    ModelParameters parameters =
        new ModelParameters()
            .setModel(path)
            .setCtxSize(slots * CONTEXT)
            .setParallel(slots)
            .setThreads(threads)
            .setThreadsBatch(threads)
            .setBatchSize(512)
            .setUbatchSize(512)
            .disableContextShift();
    return flash ? parameters.enableFlashAttn() : parameters;
  }

  /** Tokens per second of prompts that are read at once, one for each stream. */
  private static double prefill(LlamaModel model, SplittableRandom random, int streams) {
    long tokens = 0;
    long nanos = 0;
    for (int i = 0; i < PREFILLS; i++) {
      List<Thread> threads = new ArrayList<>();
      for (int stream = 0; stream < streams; stream++) {
        String prompt = words(random, PROMPT_WORDS);
        tokens += model.encode(prompt).length + 1;
        threads.add(new Thread(() -> generate(model, prompt, 1, false)));
      }
      long began = System.nanoTime();
      threads.forEach(Thread::start);
      threads.forEach(LlamaEngine::join);
      nanos += System.nanoTime() - began;
    }
    return tokens / (nanos / 1e9);
  }

  /** Tokens per second of all streams together, with the reading of prompts of four words. */
  static double decode(LlamaModel model, SplittableRandom random, int streams) {
    List<Thread> threads = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < streams; i++) {
      String prompt = words(random, 4);
      Thread thread = new Thread(() -> generate(model, prompt, ANSWER_TOKENS, false));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      join(thread);
    }
    return (double) ANSWER_TOKENS * streams / ((System.nanoTime() - began) / 1e9);
  }

  /** Milliseconds to the one token that answers a turn whose beginning was computed before. */
  private static double turns(LlamaModel model, SplittableRandom random, boolean reuse) {
    String history = words(random, PROMPT_WORDS);
    generate(model, history, 1, reuse);
    long nanos = 0;
    for (int i = 0; i < PREFILLS; i++) {
      history += words(random, 4);
      long began = System.nanoTime();
      generate(model, history, 1, reuse);
      nanos += System.nanoTime() - began;
    }
    return nanos / 1e6 / PREFILLS;
  }

  static void generate(LlamaModel model, String prompt, int tokens, boolean reuse) {
    OPEN.acquireUninterruptibly();
    try {
      answer(model, prompt, tokens, reuse);
    } finally {
      OPEN.release();
    }
  }

  private static void answer(LlamaModel model, String prompt, int tokens, boolean reuse) {
    InferenceParameters parameters =
        new InferenceParameters(prompt)
            .setNPredict(tokens)
            .setCachePrompt(reuse)
            .setIgnoreEos(true)
            .setSeed(1);
    LlamaIterator answer = model.generate(parameters).iterator();
    while (answer.hasNext()) {
      answer.next();
      if (ENDING.get() && answer.hasNext()) {
        answer.cancel();
      }
    }
  }

  static String words(SplittableRandom random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      for (int letter = 0; letter < 4; letter++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      text.append(' ');
    }
    return text.toString();
  }

  private static void join(Thread thread) {
    join(thread, Duration.ofDays(1));
  }

  private static void join(Thread thread, Duration bound) {
    try {
      thread.join(bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kilobytes, of this process; 0 where the system does not say. */
  private static long memory(String name) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.toLowerCase(Locale.ROOT).replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }
}
