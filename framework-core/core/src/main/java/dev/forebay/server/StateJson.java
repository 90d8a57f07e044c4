package dev.forebay.server;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state of a gateway as JSON, which has no infinity and no NaN: null stands for those. */
final class StateJson {

  private StateJson() {}

  static JsonObject of(Map<?, ?> state) {
    JsonObject object = new JsonObject();
    state.forEach((key, value) -> object.put(String.valueOf(key), value(value)));
    return object;
  }

  private static @Nullable Object value(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return of(map);
    } else if (value instanceof Collection<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(item -> array.add(value(item)));
      return array;
    } else if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue()) ? number : null;
    }
    return value == null || value instanceof Boolean ? value : value.toString();
  }
}
