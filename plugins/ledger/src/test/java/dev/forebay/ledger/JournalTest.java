package dev.forebay.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.spi.ledger.UsageRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that a process left in the middle of its work. */
class JournalTest {

  @Test
  void aKillInTheMiddleOfAWriteCostsNoOtherRecord(@TempDir Path folder) throws IOException {
    Journal journal = new Journal(folder.resolve("whole"));
    journal.take();
    List<UsageRecord> records = DiskTest.records(4);
    journal.add(1, records);
    journal.close();
    Path file = folder.resolve("whole").resolve("batch-%019d.jsonl".formatted(1));
    byte[] whole = Files.readAllBytes(file);
    int last = new String(whole, StandardCharsets.UTF_8).lines().toList().getLast().length() + 1;
    for (int cut = 1; cut <= last; cut++) {
      Path other = Files.createDirectory(folder.resolve("cut-" + cut));
      Path copy = other.resolve(file.getFileName());
      Files.write(copy, Arrays.copyOf(whole, whole.length - cut));
      Files.writeString(other.resolve("spent.json.tmp"), "{");
      Journal after = new Journal(other);
      after.take();
      assertEquals(1, after.open().size());
      Journal.Read read = after.read(1);
      int kept = cut == 1 ? 4 : 3; // the end of the line is no part of the record
      assertEquals(records.subList(0, kept), read.records(), "cut by " + cut);
      assertEquals(cut == 1 || cut == last ? 0 : 1, read.unreadable(), "cut by " + cut);
      after.close();
    }
  }

  @Test
  void recordsKeepTheirOrderIfAFileCouldNotBeMade(@TempDir Path folder) throws IOException {
    Path place = folder.resolve("journal");
    Journal journal = new Journal(place);
    journal.take();
    List<UsageRecord> records = DiskTest.records(4);
    Path inTheWay = Files.createDirectory(place.resolve("batch-%019d.jsonl".formatted(1)));
    assertThrows(IOException.class, () -> journal.add(1, records.subList(0, 2)));
    Files.delete(inTheWay);
    assertThrows(IOException.class, () -> journal.add(1, records.subList(2, 4)));
    journal.replace(1, records);
    assertEquals(records, journal.read(1).records());
    journal.close();
  }
}
