package dev.forebay.openai;

import dev.forebay.dialect.JsonBody;
import dev.forebay.dialect.JsonSource;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the usage of a stream, by {@code stream_options.include_usage} in the body; at its end,
 * if the caller has no {@code stream_options}. A body that cannot be changed for certain (the
 * member twice, or of another type) stays as it is.
 */
final class UsageQuestion {

  private static final String NAME = "stream_options";
  private static final String MEMBER = "include_usage";
  private static final String ASKING = "{\"include_usage\":true}";

  private UsageQuestion() {}

  /** The body that asks; null if it asks already, or cannot be changed for certain. */
  static @Nullable JsonBody ask(JsonBody body) {
    int at = body.find(NAME, 0);
    if (at < 0) {
      return body.withMember(NAME, ASKING);
    }
    Buffer options = body.value(at);
    if (body.find(NAME, at + 1) >= 0 || options.length() > JsonSource.MAX_STREAM_OPTIONS) {
      return null;
    }
    if (options.toString().equals("null")) {
      return body.withValue(at, ASKING.getBytes(StandardCharsets.UTF_8));
    }
    JsonBody read = JsonBody.read(options);
    JsonBody asking = read == null ? null : asking(read);
    return asking == null ? null : body.withValue(at, asking.bytes().getBytes());
  }

  private static @Nullable JsonBody asking(JsonBody options) {
    int at = options.find(MEMBER, 0);
    if (at < 0) {
      return options.withMember(MEMBER, "true");
    }
    String said = options.value(at).toString();
    boolean not = said.equals("false") || said.equals("null");
    return not && options.find(MEMBER, at + 1) < 0
        ? options.withValue(at, "true".getBytes(StandardCharsets.UTF_8))
        : null;
  }
}
