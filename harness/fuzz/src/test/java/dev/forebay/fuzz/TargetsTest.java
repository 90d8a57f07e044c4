package dev.forebay.fuzz;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The targets over their corpus and over seeded mutations of it: a few seconds, the same each time.
 * {@code harness/fuzz/run} looks further.
 */
@Timeout(60)
class TargetsTest {

  @Test
  void streamsOfEvents() throws Exception {
    overCorpus("sse", 30_000, SseTarget::fuzzerTestOneInput);
  }

  @Test
  void bodiesInJson() throws Exception {
    overCorpus("json", 20_000, JsonTarget::fuzzerTestOneInput);
  }

  @Test
  void documents() throws Exception {
    overCorpus("document", 3_000, DocumentTarget::fuzzerTestOneInput);
  }

  private static void overCorpus(String name, int mutations, Consumer<byte[]> target)
      throws IOException {
    List<byte[]> corpus = corpus(name);
    for (byte[] input : corpus) {
      run(target, input, -1);
    }
    for (int seed = 0; seed < mutations; seed++) {
      run(target, new Mutation(seed).of(corpus), seed);
    }
  }

  private static void run(Consumer<byte[]> target, byte[] input, int seed) {
    try {
      target.accept(input);
    } catch (RuntimeException | Error e) {
      String what = seed < 0 ? "of the corpus" : "of seed " + seed;
      fail("input " + what + ", in base 64: " + Base64.getEncoder().encodeToString(input), e);
    }
  }

  private static List<byte[]> corpus(String name) throws IOException {
    Path folder = Path.of(System.getProperty("forebay.root", "../.."), "harness/fuzz/corpus", name);
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    }
    return corpus;
  }
}
