package dev.forebay.tracing;

import dev.forebay.spi.Headers;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of W3C Trace Context, level 1. */
final class TraceHeaders {

  private static final String PARENT = "traceparent";
  private static final String STATE = "tracestate";
  private static final W3CTraceContextPropagator RULES = W3CTraceContextPropagator.getInstance();

  private TraceHeaders() {}

  /** The caller's trace; none if it names none, or breaks the rules. */
  static Context read(Headers headers) {
    return RULES.extract(Context.root(), headers, Getter.INSTANCE);
  }

  /** Headers that name the trace of a context, and none that name another. */
  static Headers write(Headers headers, Context context) {
    Map<String, String> own = new LinkedHashMap<>();
    RULES.inject(context, own, (map, name, value) -> own.put(name, value));
    Headers all =
        headers.without(name -> name.equalsIgnoreCase(PARENT) || name.equalsIgnoreCase(STATE));
    for (Map.Entry<String, String> each : own.entrySet()) {
      all = all.with(each.getKey(), each.getValue());
    }
    return all;
  }

  /**
   * A parent that is there twice is none. States of several headers are one list, as the rules say.
   */
  private enum Getter implements TextMapGetter<Headers> {
    INSTANCE;

    @Override
    @SuppressWarnings("deprecation") // it must still be there
    public Iterable<String> keys(Headers headers) {
      return headers.entries().stream().map(Map.Entry::getKey).toList();
    }

    @Override
    public @Nullable String get(@Nullable Headers headers, String name) {
      List<String> values = new ArrayList<>(1);
      if (headers != null) {
        for (Map.Entry<String, String> each : headers.entries()) {
          if (each.getKey().equalsIgnoreCase(name)) {
            values.add(each.getValue().trim());
          }
        }
      }
      boolean none = values.isEmpty() || (name.equals(PARENT) && values.size() > 1);
      return none ? null : String.join(",", values);
    }
  }
}
