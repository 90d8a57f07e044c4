package dev.forebay.administration;

import dev.forebay.spi.metrics.Distribution;
import dev.forebay.spi.state.GatewayState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of a gateway as JSON, which has no infinity and no NaN: null stands for those. */
public final class StateJson {

  private StateJson() {}

  /** The parts under {@code stages}, and all figures by their full names. */
  public static JsonObject of(GatewayState state) {
    JsonObject outcomes = new JsonObject();
    state
        .outcomes()
        .forEach((status, count) -> outcomes.put(status.name().toLowerCase(Locale.ROOT), count));
    return new JsonObject()
        .put("open", state.open())
        .put("ready", state.ready())
        .put("outcomes", outcomes)
        .put("stages", value(state.parts()))
        .put("counters", value(state.metrics().counters()))
        .put("gauges", value(state.metrics().gauges()))
        .put("histograms", value(state.metrics().histograms()));
  }

  /** The components of a record, but for those that are null. */
  public static JsonObject of(Record state) {
    JsonObject object = new JsonObject();
    for (RecordComponent component : state.getClass().getRecordComponents()) {
      Object value = read(component, state);
      if (value != null) {
        object.put(component.getName(), value(value));
      }
    }
    return object;
  }

  private static @Nullable Object read(RecordComponent component, Record state) {
    try {
      return component.getAccessor().invoke(state);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + ": not readable (expected: a public record)", e);
    }
  }

  private static @Nullable Object value(Object value) {
    if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      map.forEach((key, each) -> object.put(key.toString(), value(each)));
      return object;
    } else if (value instanceof Collection<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(item -> array.add(value(item)));
      return array;
    } else if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue()) ? number : null;
    } else if (value instanceof Distribution distribution) {
      return histogram(distribution);
    } else if (value instanceof Record record) {
      return of(record);
    }
    return value instanceof Boolean ? value : value.toString();
  }

  /** In the unit that its name ends with. */
  private static JsonObject histogram(Distribution distribution) {
    return new JsonObject()
        .put("count", distribution.count())
        .put("sum", distribution.sum())
        .put("p50", value(distribution.quantile(0.5)))
        .put("p90", value(distribution.quantile(0.9)))
        .put("p99", value(distribution.quantile(0.99)));
  }
}
