package dev.forebay.mysql;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the ledger logs while a test runs: warnings and errors. */
final class LogLines extends Handler implements AutoCloseable {

  private static final Logger ALL = Logger.getLogger("dev.forebay");

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final SimpleFormatter formatter = new SimpleFormatter();

  LogLines() {
    ALL.addHandler(this);
  }

  @Override
  public void publish(LogRecord line) {
    if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
      lines.add(formatter.formatMessage(line));
    }
  }

  /** The lines that contain a text. */
  List<String> of(String text) {
    return lines.stream().filter(each -> each.contains(text)).toList();
  }

  /** All lines. */
  List<String> all() {
    return List.copyOf(lines);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    ALL.removeHandler(this);
  }
}
