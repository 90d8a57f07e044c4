package dev.forebay.core;

import dev.forebay.spi.Failure;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exceptions that plugins throw: each fails its request, is named and counted, and nothing else.
 * The log gets a stack trace of the first ones only, so that a broken plugin cannot fill a disk.
 */
public final class PluginErrors {

  private static final Logger LOG = LoggerFactory.getLogger(PluginErrors.class);
  private static final int TRACES = 10;

  private final AtomicLong count = new AtomicLong();
  private final AtomicReference<@Nullable String> first = new AtomicReference<>();

  /** How many there were. */
  public long count() {
    return count.get();
  }

  /** The first one, in one line with the name of its plugin; null where there was none. */
  public @Nullable String first() {
    return first.get();
  }

  /** Counts an exception and makes the failure that the request gets. */
  public Failure failure(String plugin, Throwable thrown) {
    if (thrown instanceof Failure failure) {
      return failure;
    }
    note(plugin, thrown);
    return Failure.internal(
        "plugin " + plugin + " failed: " + thrown.getClass().getSimpleName(), thrown);
  }

  /** Counts an exception that concerns no single request. */
  public void note(String plugin, Throwable thrown) {
    first.compareAndSet(null, plugin + " threw " + thrown);
    long number = count.incrementAndGet();
    if (number <= TRACES) {
      LOG.error("plugin {} threw", plugin, thrown);
    } else if (Long.bitCount(number) == 1) {
      LOG.error("plugin {} threw {} ({} errors so far)", plugin, thrown.toString(), number);
    }
  }
}
