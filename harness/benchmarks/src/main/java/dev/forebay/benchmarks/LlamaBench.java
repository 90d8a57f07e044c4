package dev.forebay.benchmarks;

import dev.forebay.gguf.Quantizer;
import dev.forebay.gguf.RandomLlama;
import dev.forebay.gguf.TensorType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model of 110 million random weights in F32, F16, Q8_0 and Q4_0: size, memory, speed, and how
 * far its next tokens are from those of F32. What it says is noise; its speed is that of a real
 * one.
 */
final class LlamaBench {

  private static final long SEED = 1;
  private static final int PROMPTS = 48;
  private static final double MEBIBYTE = 1 << 20;
  private static final List<String> BUFFERS =
      List.of("model buffer size", "KV buffer size", "compute buffer size", "output buffer size");

  private LlamaBench() {}

  /**
   * Makes the files that are not there yet: {@code f32}, {@code f16}, {@code q8_0}, {@code q4_0}.
   */
  static Map<String, Path> models(Path folder) throws IOException {
    Map<String, Path> models = new LinkedHashMap<>();
    for (String type : List.of("f32", "f16", "q8_0", "q4_0")) {
      models.put(type, folder.resolve("random-110m-" + type + ".gguf"));
    }
    Path f32 = folder.resolve("random-110m-f32.gguf");
    for (Map.Entry<String, Path> model : models.entrySet()) {
      Path path = model.getValue();
      if (!Files.exists(path)) {
        switch (model.getKey()) {
          case "f32" -> RandomLlama.medium().write(path, SEED);
          case "f16" -> RandomLlama.medium().write(path, SEED, TensorType.F16);
          case "q8_0" -> Quantizer.quantize(f32, path, TensorType.Q8_0, (a, b, c) -> {});
          default -> Quantizer.quantize(f32, path, TensorType.Q4_0, (a, b, c) -> {});
        }
      }
    }
    return models;
  }

  /** Size, memory and speed; fused attention off and on. */
  static void speed(Path folder, String only, PrintStream out) throws IOException {
    for (Map.Entry<String, Path> model : models(folder).entrySet()) {
      if (!only.equals("all") && !only.equals(model.getKey())) {
        continue;
      }
      for (String flash : List.of("false", "true")) {
        Path path = model.getValue();
        Map<String, String> said = new LinkedHashMap<>();
        child(List.of("llama-speed", path.toString(), flash), said, null);
        out.printf(
            Locale.ROOT,
            "%s, fused attention %s, file %.1f MiB%n",
            model.getKey(),
            flash,
            Files.size(path) / MEBIBYTE);
        said.forEach((name, value) -> out.println("  " + name + " " + value));
        out.flush();
      }
    }
  }

  /** Agreement of the distributions of the next token with those of F32. */
  static void agreement(Path folder, PrintStream out) throws IOException {
    List<float[]> reference = new ArrayList<>();
    for (Map.Entry<String, Path> model : models(folder).entrySet()) {
      List<float[]> hidden = new ArrayList<>();
      child(List.of("llama-hidden", model.getValue().toString(), "" + PROMPTS), Map.of(), hidden);
      LlamaHead head = LlamaHead.read(model.getValue());
      List<float[]> logits = hidden.stream().map(head::logits).toList();
      if (reference.isEmpty()) {
        reference.addAll(logits);
      }
      double divergence = 0;
      int same = 0;
      for (int i = 0; i < PROMPTS; i++) {
        divergence += LlamaHead.divergence(reference.get(i), logits.get(i));
        same += LlamaHead.top(reference.get(i)) == LlamaHead.top(logits.get(i)) ? 1 : 0;
      }
      out.printf(
          Locale.ROOT,
          "%s: KL divergence from F32 %.6f nats, the same first token %d of %d (random weights)%n",
          model.getKey(),
          divergence / PROMPTS,
          same,
          PROMPTS);
    }
  }

  private static void child(
      List<String> role, Map<String, String> said, @Nullable List<float[]> hidden)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Benchmarks.class.getName(),
                "role"));
    command.addAll(role);
    Path answer = Files.createTempFile("forebay", ".txt"); // the engine writes to stdout and stderr
    command.add(answer.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String read = line;
        if (hidden == null) {
          BUFFERS.stream()
              .filter(read::contains)
              .forEach(name -> said.put(name, read.substring(read.indexOf('=') + 1).trim()));
        }
      }
    }
    for (String line : Files.readAllLines(answer)) {
      String[] words = line.split(" ");
      if (hidden != null) {
        hidden.add(vector(words));
      } else {
        said.put(words[0], words[1]);
      }
    }
    Files.delete(answer);
  }

  private static float[] vector(String[] words) {
    float[] vector = new float[words.length - 1];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = Float.parseFloat(words[i + 1]);
    }
    return vector;
  }
}
