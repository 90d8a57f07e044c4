package dev.forebay.queuing.letterfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.PluginContract;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract runs without files, as a replay does. */
class LetterFileTest implements PluginContract<DeadLetterStore> {

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final VertxTimeline timeline = VertxTimeline.of(vertx.getOrCreateContext());

  @AfterEach
  void close() {
    vertx.close();
  }

  @Override
  public Plugin<DeadLetterStore> plugin() {
    return LetterFile.at("letters.jsonl");
  }

  private static DeadLetter letter(String id, int bytes) {
    Buffer body = Buffer.buffer("x".repeat(bytes));
    return new DeadLetter(id, "r", 7, "queue_full", 503, Operation.CHAT, "m", "t", 1, 10, body);
  }

  private DeadLetterStore open() {
    return new FileStore(
        new RotatedFile(folder.resolve("letters.jsonl"), 32_768, 2), vertx, timeline);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static List<String> newest(DeadLetterStore store) throws Exception {
    return await(store.newest(100)).stream().map(DeadLetter::id).toList();
  }

  @Test
  void lettersOutliveTheGateway() throws Exception {
    await(open().keep(letter("a", 10)));
    await(open().keep(letter("b", 10)));
    assertEquals(List.of("b", "a"), newest(open()));
    assertEquals(letter("b", 10), await(open().newest(1)).get(0));
  }

  @Test
  void fullFilesAreRenamedAndTheOldestIsDeleted() throws Exception {
    DeadLetterStore store = open();
    for (int i = 0; i < 10; i++) {
      await(store.keep(letter("l" + i, 10_000)));
    }
    assertEquals(List.of("l9", "l8", "l7", "l6"), newest(store));
    long bytes = Files.size(folder.resolve("letters.jsonl"));
    bytes += Files.size(folder.resolve("letters.jsonl.1"));
    assertTrue(bytes <= 65_536, bytes + " bytes");
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void whatIsDroppedIsListedNoMoreAndALineThatIsCutIsLeftOut() throws Exception {
    DeadLetterStore store = open();
    await(store.keep(letter("a", 10)));
    await(store.keep(letter("b", 10)));
    assertTrue(await(store.drop("a")));
    assertFalse(await(store.drop("a")));
    Files.writeString(folder.resolve("letters.jsonl"), "{\"id\":\"cut", StandardOpenOption.APPEND);
    assertEquals(List.of("b"), newest(open()));
    await(open().keep(letter("c", 10)));
    assertEquals(List.of("c", "b"), newest(open()));
  }

  @Test
  void onlyItsOwnerMayReadAFile() throws Exception {
    Path path = folder.resolve("letters.jsonl");
    Files.writeString(path, "");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    DeadLetterStore store = open();
    for (int i = 0; i < 4; i++) {
      await(store.keep(letter("l" + i, 10_000)));
    }
    for (String name : List.of("letters.jsonl", "letters.jsonl.1")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))));
    }
  }

  @Test
  void afterALineThatCouldNotBeWrittenWholeTheNextOneIsReadable() throws Exception {
    Path path = folder.resolve("letters.jsonl");
    DeadLetterStore store = open();
    await(store.keep(letter("a", 10)));
    Path aside = folder.resolve("aside");
    Files.move(path, aside);
    Files.createDirectory(path);
    assertThrows(ExecutionException.class, () -> await(store.keep(letter("b", 10))));
    Files.delete(path);
    Files.move(aside, path);
    Files.writeString(path, "{\"id\":\"b", StandardOpenOption.APPEND);
    await(store.keep(letter("c", 10)));
    assertEquals(List.of("c", "a"), newest(store));
  }

  @Test
  void onlyAsManyLinesAreReadAsAreAskedFor() throws Exception {
    RotatedFile file = new RotatedFile(folder.resolve("letters.jsonl"), 32_768, 3);
    for (int i = 0; i < 9; i++) {
      file.append(i + "x".repeat(10_000));
    }
    Files.delete(folder.resolve("letters.jsonl.2"));
    Files.createDirectory(folder.resolve("letters.jsonl.2")); // cannot be read
    List<String> read = new ArrayList<>();
    file.newest(
        line -> {
          if (!line.isEmpty()) {
            read.add(line.substring(0, 1));
          }
          return read.size() < 6;
        });
    assertEquals(List.of("8", "7", "6", "5", "4", "3"), read);
  }

  @Test
  void aLetterThatIsLongerThanAFileIsLost() throws Exception {
    DeadLetter huge = letter("huge", 70_000);
    assertThrows(ExecutionException.class, () -> await(open().keep(huge)));
    assertEquals(List.of(), newest(open()));
  }
}
