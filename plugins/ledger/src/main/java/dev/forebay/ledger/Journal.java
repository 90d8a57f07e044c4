package dev.forebay.ledger;

import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder with what a gateway must not lose: a file for each batch of records that is not yet in
 * the ledger, a line for each record, and notes. A line that was cut off is none. A note is written
 * beside its place and then moved there, so it is whole or not there. All that outlives the
 * process, not the loss of the machine's power: nothing is synced. Blocks; one call at a time.
 */
final class Journal {

  private static final Pattern BATCH = Pattern.compile("batch-(\\d{19})\\.jsonl");

  private final Path folder;

  /** Batches whose last records there was no room for. */
  private final Set<Long> cut = new HashSet<>();

  private @Nullable FileChannel lock;

  /** A folder, which {@link #open} makes. */
  Journal(Path folder) {
    this.folder = folder;
  }

  @Override
  public String toString() {
    return folder.toString();
  }

  /**
   * A batch that is there.
   *
   * @param number its place in the order
   * @param bytes the size of its file
   * @param changedMillis when it was written, in milliseconds since 1970
   */
  record Stored(long number, long bytes, long changedMillis) {}

  /**
   * Takes the folder: nothing in it is read before that, as the one who had it writes last notes.
   *
   * @throws IOException if it cannot be used, or another gateway uses it
   */
  void take() throws IOException {
    make(folder);
    if (lock == null) {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new IOException(folder + " is used by another gateway (expected: a folder for each)");
      }
      lock = channel;
    }
  }

  /** The batches in the folder, the oldest first. */
  List<Stored> open() throws IOException {
    List<Stored> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        Matcher batch = BATCH.matcher(file.getFileName().toString());
        if (batch.matches()) {
          found.add(
              new Stored(
                  Long.parseLong(batch.group(1)),
                  Files.size(file),
                  Files.getLastModifiedTime(file).toMillis()));
        } else if (file.toString().endsWith(".tmp")) {
          Files.delete(file); // a write that was cut off
        }
      }
    }
    return found;
  }

  /** What callers used is nobody else's business: a new folder is its owner's only. */
  private static void make(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      PosixFileAttributeView view =
          Files.getFileAttributeView(folder, PosixFileAttributeView.class);
      if (view != null) {
        view.setPermissions(PosixFilePermissions.fromString("rwx------"));
      }
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Gives the folder back. */
  void close() throws IOException {
    FileChannel held = lock;
    lock = null;
    if (held != null) {
      held.close();
    }
  }

  /**
   * Keeps more records of a batch: all of them, or none if there is no room for all.
   *
   * @return the size of its file in bytes
   * @throws IOException also if earlier records of the batch were not kept, and it has not been
   *     {@link #replace replaced} since: its records keep their order
   */
  long add(long number, List<UsageRecord> records) throws IOException {
    if (cut.contains(number)) {
      throw new IOException("records before these were not kept");
    }
    try (FileChannel out =
        FileChannel.open(file(number), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      long before = out.size();
      try {
        ByteBuffer lines = StandardCharsets.UTF_8.encode(lines(records));
        for (long at = before; lines.hasRemaining(); ) {
          at += out.write(lines, at);
        }
        return out.size();
      } catch (IOException e) {
        out.truncate(before); // half a line would spoil the next one
        throw e;
      }
    } catch (IOException e) {
      cut.add(number);
      throw e;
    }
  }

  /**
   * Keeps the records of a batch in place of those that are there.
   *
   * @return the size of its file in bytes
   */
  long replace(long number, List<UsageRecord> records) throws IOException {
    put(file(number), lines(records));
    cut.remove(number);
    return Files.size(file(number));
  }

  private static String lines(List<UsageRecord> records) {
    StringBuilder lines = new StringBuilder();
    records.forEach(each -> lines.append(RecordJson.of(each).encode()).append('\n'));
    return lines.toString();
  }

  /**
   * What is in a file.
   *
   * @param records of the lines that can be read
   * @param unreadable lines that cannot be read: cut off, or changed by somebody
   */
  record Read(List<UsageRecord> records, int unreadable) {}

  /** The records of a batch; none if the file is gone. */
  Read read(long number) throws IOException {
    List<UsageRecord> records = new ArrayList<>();
    int unreadable = 0;
    for (String line : text(file(number)).lines().toList()) {
      try {
        records.add(RecordJson.read(new JsonObject(line)));
      } catch (DecodeException
          | IllegalArgumentException
          | NullPointerException
          | ClassCastException e) {
        unreadable++;
      }
    }
    return new Read(records, unreadable);
  }

  private static String text(Path file) throws IOException {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Forgets a batch. */
  void delete(long number) throws IOException {
    cut.remove(number);
    Files.deleteIfExists(file(number));
  }

  /** Keeps a note under a name. */
  void note(String name, String text) throws IOException {
    put(folder.resolve(name), text);
  }

  /** A note; null if there is none. */
  @Nullable String noted(String name) throws IOException {
    try {
      return Files.readString(folder.resolve(name));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static void put(Path file, String text) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(beside); // it would take the room of others
      throw e;
    }
  }

  private Path file(long number) {
    return folder.resolve("batch-%019d.jsonl".formatted(number));
  }
}
