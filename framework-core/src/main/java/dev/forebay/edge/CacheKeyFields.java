package dev.forebay.edge;

import dev.forebay.spi.Operation;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a body make its identity: all, unknown ones too, in the order of their names,
 * except
 *
 * <ul>
 *   <li>those that change nothing of what is said: who the end user is, how the answer travels (one
 *       recorded answer is given streamed and whole), and hints for a provider's own cache;
 *   <li>null, which is as good as left out;
 *   <li>a documented default that is written out.
 * </ul>
 *
 * <p>Only the outermost fields are treated so; what is inside of them counts as it is written.
 */
final class CacheKeyFields {

  private static final Set<String> LEFT_OUT =
      Set.of("user", "safety_identifier", "stream", "stream_options", "prompt_cache_key");

  private static final Map<String, Object> ANYWHERE =
      Map.of("n", 1L, "presence_penalty", 0L, "frequency_penalty", 0L, "logit_bias", Map.of());

  private static final Map<String, Object> SAMPLING = Map.of("temperature", 1L, "top_p", 1L);

  private static final Map<String, Object> OF_CHATS =
      Map.of(
          "logprobs",
          false,
          "store",
          false,
          "tools",
          List.of(),
          "response_format",
          Map.of("type", "text"));

  private static final Map<String, Object> OF_COMPLETIONS = Map.of("best_of", 1L, "echo", false);

  private static final Map<String, Object> OF_EMBEDDINGS = Map.of("encoding_format", "float");

  private CacheKeyFields() {}

  /** The names of the fields that count, sorted. */
  static String[] of(Operation operation, Map<String, Object> body, CacheKeyOptions options) {
    String[] names = new String[body.size()];
    int counted = 0;
    for (Map.Entry<String, Object> field : body.entrySet()) {
      if (!leftOut(operation, field.getKey(), field.getValue(), options)) {
        names[counted++] = field.getKey();
      }
    }
    Arrays.sort(names, 0, counted);
    return counted == names.length ? names : Arrays.copyOf(names, counted);
  }

  private static boolean leftOut(
      Operation operation, String name, Object value, CacheKeyOptions options) {
    if (LEFT_OUT.contains(name) || Json.NULL.equals(value)) {
      return true;
    }
    return switch (operation) {
      case CHAT -> generates(name, value, options) || is(OF_CHATS.get(name), value);
      case COMPLETION -> generates(name, value, options) || is(OF_COMPLETIONS.get(name), value);
      case EMBEDDING -> is(OF_EMBEDDINGS.get(name), value);
    };
  }

  private static boolean generates(String name, Object value, CacheKeyOptions options) {
    return is(ANYWHERE.get(name), value)
        || (options.samplingDefaults() && is(SAMPLING.get(name), value));
  }

  private static boolean is(@Nullable Object wanted, Object value) {
    if (wanted instanceof Long number) {
      return number.equals(value)
          || (value instanceof BigDecimal decimal
              && decimal.compareTo(BigDecimal.valueOf(number)) == 0);
    }
    return wanted != null && wanted.equals(value);
  }
}
