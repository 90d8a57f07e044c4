package dev.forebay.edge.http;

import dev.forebay.spi.Operation;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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

  /** Stands for each value that a field may have. */
  private static final Object ALWAYS = new Object();

  private static final Map<Operation, Map<String, Object>> UNCOUNTED = uncounted(true);
  private static final Map<Operation, Map<String, Object>> UNCOUNTED_BUT_SAMPLING =
      uncounted(false);

  private CacheKeyFields() {}

  /** The names of the fields that count, sorted. */
  static String[] of(Operation operation, Map<String, Object> body, CacheKeyOptions options) {
    Map<Operation, Map<String, Object>> all =
        options.samplingDefaults() ? UNCOUNTED : UNCOUNTED_BUT_SAMPLING;
    Map<String, Object> uncounted = Objects.requireNonNull(all.get(operation));
    String[] names = new String[body.size()];
    int counted = 0;
    for (Map.Entry<String, Object> field : body.entrySet()) {
      Object value = field.getValue();
      Object without = uncounted.get(field.getKey());
      if (!Json.NULL.equals(value) && (without == null || !is(without, value))) {
        names[counted++] = field.getKey();
      }
    }
    Arrays.sort(names, 0, counted);
    return counted == names.length ? names : Arrays.copyOf(names, counted);
  }

  /** For each operation the fields that do not count, with the value with which they do not. */
  private static Map<Operation, Map<String, Object>> uncounted(boolean samplingDefaults) {
    Map<Operation, Map<String, Object>> all = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      Map<String, Object> fields = new HashMap<>();
      switch (operation) {
        case CHAT -> fields.putAll(OF_CHATS);
        case COMPLETION -> fields.putAll(OF_COMPLETIONS);
        case EMBEDDING -> fields.putAll(OF_EMBEDDINGS);
      }
      if (operation != Operation.EMBEDDING) {
        fields.putAll(ANYWHERE);
        fields.putAll(samplingDefaults ? SAMPLING : Map.of());
      }
      LEFT_OUT.forEach(name -> fields.put(name, ALWAYS));
      all.put(operation, fields);
    }
    return all;
  }

  private static boolean is(Object wanted, Object value) {
    if (wanted instanceof Long number) {
      return number.equals(value)
          || (value instanceof BigDecimal decimal
              && decimal.compareTo(BigDecimal.valueOf(number)) == 0);
    }
    return wanted == ALWAYS || wanted.equals(value);
  }
}
