package dev.forebay.edge.http;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Request ids: a random number of this process, and a counter. */
final class RequestIds implements Supplier<String> {

  private final String process = "req-" + HexFormat.of().toHexDigits(new SecureRandom().nextLong());
  private final AtomicLong counter = new AtomicLong();

  @Override
  public String get() {
    return process + "-" + Long.toHexString(counter.incrementAndGet());
  }
}
