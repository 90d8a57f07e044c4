package dev.forebay.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.RequestWatcher.Ended;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageQuery.Grouping;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A folder on a disk that fills: a small one in memory, which only root may mount. */
class DiskTest {

  private static final long CENT = 10_000_000;
  private static final Budget DOLLAR =
      new Budget(Budget.Scope.TENANT, "acme", Budget.Unit.NANODOLLARS, 100 * CENT);

  private final VirtualTimeline time = new VirtualTimeline();
  private final Store store = new Store();
  private final Path disk = newFolder();
  private final List<Running> started = new ArrayList<>();
  private int contexts;

  /** A store whose records can be down. */
  private final class Store implements UsageLedger {
    private final MemoryRecords all = new MemoryRecords(1_000_000, new MemoryRegister(time));
    private boolean down;

    @Override
    public Future<Void> append(List<UsageRecord> records) {
      return down ? Future.failedFuture("down") : all.append(records);
    }

    @Override
    public Future<List<UsageSum>> sums(UsageQuery query) {
      return all.sums(query);
    }

    @Override
    public Future<List<UsageRecord>> ofUser(String tenant, String user, int most) {
      return all.ofUser(tenant, user, most);
    }

    @Override
    public Future<Void> counted(String counter, List<Total> totals) {
      return all.counted(counter, totals);
    }

    @Override
    public Future<List<Audited>> audit(LocalDate from, LocalDate to) {
      return all.audit(from, to);
    }

    @Override
    public KeyRegister register() {
      return all.register();
    }
  }

  private static Path newFolder() {
    try {
      return Files.createTempDirectory("forebay-disk");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  @BeforeEach
  void mount() {
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString()),
        "no tmpfs can be mounted (expected: root)");
  }

  @AfterEach
  void unmount() throws IOException {
    started.forEach(each -> each.section.crash());
    run("umount", "-l", disk.toString());
    Files.deleteIfExists(disk);
  }

  private record Running(LedgerSection section, TestContext context) {}

  private Running start(Path folder) {
    TestContext context = TestContext.of("ledger" + contexts++, contexts, time);
    Worker atOnce =
        new Worker() {
          @Override
          public <T> Future<T> run(Callable<T> work) {
            try {
              return Future.succeededFuture(work.call());
            } catch (Exception e) {
              return Future.failedFuture(e);
            }
          }
        };
    OutboxFiles files =
        new OutboxFiles(new Journal(folder), atOnce, time, context.counter("file_errors"));
    Ledger options =
        Ledger.in(MemoryLedger.defaults())
            .withOutbox(new Ledger.OutboxOptions(10_000, 50, Duration.ofMillis(200), "", 1L << 30));
    LedgerSection section = new LedgerSection(options, store, context, files);
    section.prepare();
    started.add(new Running(section, context));
    return started.getLast();
  }

  private void end(Running running, int times, long nanodollars) {
    for (int i = 0; i < times; i++) {
      Timings timings = new Timings(time.nanos(), time.nanos(), time.nanos());
      Outcome outcome = Outcome.ok(new Usage(10, 0, 5, 0), timings).withCost(nanodollars / 1e9);
      Caller caller = new Caller("192.0.2.1", "key", "acme", "user", "");
      RequestInfo request = RequestInfo.chat("r", "m", caller, time.nanos());
      running.section.ended(new Ended(request, outcome, "backend", "miss", "", 12_000_000));
    }
  }

  private void pass(double seconds) {
    time.runUntil(time.nanos() + (long) (seconds * 1e9));
  }

  /** Takes all room but about as many bytes. */
  private void fill(int bytes) throws IOException {
    Path filler = disk.resolve("filler");
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[4096];
      while (Files.getFileStore(disk).getUsableSpace() > bytes) {
        out.write(page);
      }
    }
  }

  private void room() throws IOException {
    Files.delete(disk.resolve("filler"));
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(disk)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
        String text = Files.readString(file);
        assertTrue(text.isEmpty() || text.endsWith("\n"), file + " ends in half a line");
        lines.addAll(text.lines().toList());
      }
    }
    return lines;
  }

  private long recorded() {
    LocalDate day = UsageQuery.day(time.epochMillis());
    return store.sums(new UsageQuery("acme", day, day, Grouping.MODEL)).result().stream()
        .mapToLong(UsageSum::requests)
        .sum();
  }

  private void endOften(Running running, int records) {
    for (int i = 0; i < 30; i++) {
      end(running, records, CENT);
      pass(0.3);
    }
  }

  @Test
  void recordsOfAFullDiskWaitInMemoryAndGoIntoTheFolderWhenThereIsRoom() throws IOException {
    Running running = start(disk);
    pass(1);
    store.down = true;
    fill(20_000);
    endOften(running, 10);
    assertTrue(running.context.count("file_errors") > 0, "the disk is full");
    assertTrue(lines().size() < 300, "the disk is full");
    assertEquals(0, running.context.count("dropped"));
    room();
    pass(1);
    assertEquals(300, lines().size());
    assertEquals(300, lines().stream().distinct().count());
    end(running, 100, CENT);
    pass(1);
    assertEquals(400, lines().size());
    running.section.crash();
    Running later = start(disk);
    store.down = false;
    pass(20);
    assertEquals(400, recorded());
    assertEquals(0, later.context.count("dropped"));
    assertEquals(List.of(), lines());
  }

  @Test
  void recordsOfADiskThatStaysFullArriveFromMemory() throws IOException {
    Running running = start(disk);
    pass(1);
    store.down = true;
    fill(0);
    endOften(running, 20);
    store.down = false;
    pass(20);
    assertEquals(600, recorded());
    assertEquals(0, running.context.count("dropped"));
  }

  @Test
  void aNoteThatThereWasNoRoomForIsWrittenLaterThoughNothingChanges() throws IOException {
    store.register().limit(DOLLAR, "me");
    Running running = start(disk);
    pass(2);
    Path notes = disk.resolve("spent.json");
    fill(0);
    end(running, 5, CENT);
    pass(3);
    assertEquals(5, recorded());
    assertFalse(Files.readString(notes).contains("\"spent\":" + 5 * CENT), "the disk is full");
    room();
    pass(1);
    assertTrue(Files.readString(notes).contains("\"spent\":" + 5 * CENT), Files.readString(notes));
  }

  @Test
  void keysAndBudgetsThatThereWasNoRoomForAreNotedLater() throws IOException {
    start(disk);
    pass(2);
    fill(0);
    store.register().limit(DOLLAR, "me");
    pass(2);
    Path notes = disk.resolve("known.json");
    assertFalse(Files.exists(notes) && Files.readString(notes).contains("acme"), "full");
    room();
    pass(30);
    assertTrue(Files.readString(notes).contains("acme"), Files.readString(notes));
  }

  @Test
  void aFullDiskIsToldOnceAMinuteAtMost() throws IOException {
    List<String> lines = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
              lines.add(String.valueOf(line.getMessage()));
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.forebay.ledger");
    logger.addHandler(handler);
    try {
      Running running = start(disk);
      pass(1);
      fill(8192); // a few records fit, and more do not
      for (int i = 0; i < 300; i++) {
        end(running, i % 2 == 0 ? 1 : 100, CENT);
        pass(0.4);
      }
      assertTrue(running.context.count("file_errors") > 50, "fails and works in turn");
      assertTrue(lines.size() >= 1 && lines.size() <= 3, lines.size() + " lines in two minutes");
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void allRecordsOfAWriteAreKeptOrNone() throws IOException {
    Journal journal = new Journal(disk);
    journal.take();
    List<UsageRecord> records = records(10);
    long size = journal.add(1, records.subList(0, 3));
    fill(4096);
    List<UsageRecord> many = records(200);
    assertThrows(IOException.class, () -> journal.add(1, many));
    assertEquals(size, Files.size(disk.resolve("batch-%019d.jsonl".formatted(1))));
    assertThrows(IOException.class, () -> journal.add(1, records.subList(3, 4)), "out of order");
    assertThrows(IOException.class, () -> journal.replace(1, many));
    assertEquals(records.subList(0, 3), journal.read(1).records());
    room();
    journal.replace(1, many);
    journal.add(1, records.subList(4, 5));
    assertEquals(201, journal.read(1).records().size());
    journal.close();
  }

  static List<UsageRecord> records(int number) {
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      records.add(
          new UsageRecord(
              "r-" + i,
              1_796_000_000_000L + i,
              "acme",
              "user",
              "key",
              "model",
              "backend",
              new Usage(10, 0, 5, 0),
              7,
              Status.OK,
              1,
              "miss",
              ""));
    }
    return records;
  }
}
