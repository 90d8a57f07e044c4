package dev.forebay.cli.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The page that {@code compare --out} writes of a small scenario in which a lot goes wrong. */
record Compared(Path page) {

  private static final String SCENARIO =
      """
      about: Two servers & <too little> room.
      synthetic: { seconds: 20, rate-per-second: 8, burst-factor: 3, burst-seconds: 8,
                   burst-gap-seconds: 5, tenants: 3, popular-share: 0.5, popular-prompts: 5 }
      fleet: [{ id: node, count: 2, server: { slots: 4 } }]
      combinations:
        everything:
          about: a cache, a limit, and a queue
          gateway:
            pipeline:
              - rate-limit: { by: { plugin: token-bucket, per: tenant, rate: 4, burst: 8 } }
              - cache: { store: lru }
              - admit: { limit: { plugin: fixed, limit: 8 }, queue: fifo }
              - balance: least-connections
        cache:
          about: a cache
          gateway: { pipeline: [{ cache: { store: lru } }, { balance: round-robin }] }
      """;

  /** Compares with some more options. */
  static Compared in(Path folder, String... more) throws IOException {
    Path scenario = Files.writeString(folder.resolve("small.yaml"), SCENARIO);
    Path out = folder.resolve("out");
    List<String> words =
        new ArrayList<>(
            List.of("compare", scenario.toString(), "--seeds", "2", "--out", out.toString()));
    words.addAll(List.of(more));
    StringWriter said = new StringWriter();
    PrintWriter to = new PrintWriter(said);
    assertEquals(0, Main.run(to, to, Map.of(), words.toArray(String[]::new)), said::toString);
    return new Compared(out.resolve("index.html"));
  }

  String html() throws IOException {
    return Files.readString(page);
  }
}
