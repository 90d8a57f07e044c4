package dev.forebay.redis;

import dev.forebay.servers.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/** The one Redis that most tests share, started when the first asks; and prefixes of their own. */
public final class Servers {

  static final int MAX_MEMORY_MEBIBYTES = 48;

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private Servers() {}

  public static RedisProcess shared() {
    return Holder.SHARED;
  }

  /** A prefix that no other test has. */
  public static String prefix() {
    return "test-" + PREFIXES.incrementAndGet();
  }

  private static final class Holder {
    static final RedisProcess SHARED = start();

    private static RedisProcess start() {
      try {
        return RedisProcess.start(
            "maxmemory " + MAX_MEMORY_MEBIBYTES + "mb", "maxmemory-policy volatile-ttl");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
