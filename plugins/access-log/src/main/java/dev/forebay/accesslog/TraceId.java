package dev.forebay.accesslog;

import dev.forebay.spi.Headers;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The trace that a request is part of: the caller's, or that of the section {@code tracing}. */
final class TraceId {

  private static final Pattern PARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}.*");

  private static final int FROM = 3;
  private static final int TO = 35;

  private TraceId() {}

  /** 32 hexadecimal digits; null if no header of W3C Trace Context names a trace. */
  static @Nullable String of(Headers headers) {
    String parent = headers.get("traceparent");
    return parent != null && PARENT.matcher(parent).matches() ? parent.substring(FROM, TO) : null;
  }
}
