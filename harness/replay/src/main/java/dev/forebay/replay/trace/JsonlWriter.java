package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes traces in Forebay's own format, which is also the way to bring one's own logs: a JSON
 * object per line and request. {@code arrivalMillis} (from any start, with fractions), {@code
 * promptTokens} and {@code outputTokens} are required. {@code tenant}, {@code user}, {@code
 * session} and {@code model} are texts; {@code turn} counts from 0 (in the order of the file where
 * it is absent); {@code thinkMillis} is the pause before the turn; {@code promptId} (a whole number
 * or a text) is equal for equal prompts; {@code prefix} is a list of whole numbers or texts, one
 * per leading block of the prompt, each covering all that comes before it; {@code priority} is 0
 * (most urgent) to 7; {@code stream} is true where it is absent; {@code patienceMillis} is the time
 * from arrival after which the caller leaves.
 *
 * <p>The first line may be a header: {@code {"forebayTrace": 1, "blockTokens": 512, "synthetic":
 * ["tenant"], "notes": ["…"]}}; {@code blockTokens} is required where there are prefixes.
 */
public final class JsonlWriter {
  private JsonlWriter() {}

  /** Writes a trace; {@link TraceFormats} reads back an equal one. */
  public static void write(Trace trace, Appendable to) {
    try {
      to.append(header(trace).encode()).append('\n');
      for (TraceRequest request : trace.requests()) {
        to.append(line(request, trace).encode()).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonObject header(Trace trace) {
    JsonArray synthetic = new JsonArray();
    trace.synthetic().forEach(field -> synthetic.add(field.name().toLowerCase(Locale.ROOT)));
    return new JsonObject()
        .put("forebayTrace", 1)
        .put("blockTokens", trace.blockTokens())
        .put("synthetic", synthetic)
        .put("notes", new JsonArray(trace.notes()));
  }

  private static JsonObject line(TraceRequest request, Trace trace) {
    JsonObject line =
        new JsonObject()
            .put("arrivalMillis", request.arrivalNanos() / 1e6)
            .put("promptTokens", request.promptTokens())
            .put("outputTokens", request.outputTokens());
    optional(line, "tenant", request.tenant());
    optional(line, "user", request.user());
    optional(line, "model", request.model());
    if (request.session() != null) {
      line.put("session", request.session()).put("turn", request.turn());
      line.put("thinkMillis", request.thinkNanos() / 1e6);
    }
    if (request.prefix().size() > 0) {
      line.put("prefix", hashes(request.prefix()));
    }
    if (request.promptId() != TraceRequest.UNKNOWN_PROMPT) {
      line.put("promptId", request.promptId());
    }
    if (trace.carries().contains(Carries.PRIORITY)) {
      line.put("priority", request.priority());
    }
    if (request.patienceNanos() > 0) {
      line.put("patienceMillis", request.patienceNanos() / 1e6);
    }
    return request.stream() ? line : line.put("stream", false);
  }

  private static void optional(JsonObject line, String key, @Nullable String value) {
    if (value != null) {
      line.put(key, value);
    }
  }

  private static JsonArray hashes(PrefixHashes prefix) {
    JsonArray hashes = new JsonArray();
    for (int i = 0; i < prefix.size(); i++) {
      hashes.add(prefix.get(i));
    }
    return hashes;
  }
}
