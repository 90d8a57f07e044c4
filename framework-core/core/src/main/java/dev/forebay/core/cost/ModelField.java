package dev.forebay.core.cost;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.forebay.dialect.JsonBody;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The one rewrite of a body that the core knows: another model. The bytes of the value of the
 * top-level {@code model} are replaced, all others stay as they came, so that the upstream's prefix
 * cache still knows the prompt.
 */
public final class ModelField {

  private ModelField() {}

  /**
   * A request for another model: what policies see and the bytes agree.
   *
   * @return null where the body has no such field; a request without a body needs none
   */
  public static @Nullable InferenceRequest rewrite(InferenceRequest request, String model) {
    RequestInfo info = request.info();
    if (info.model().equals(model)) {
      return request;
    }
    if (request.body().length() == 0) {
      return request.with(info.withModel(model));
    }
    JsonBody body = JsonBody.of(request);
    JsonBody renamed = body == null ? null : replace(body, model);
    return renamed == null ? null : renamed.in(request.with(info.withModel(model)));
  }

  /** The body with another model, each time that it is named; null where it is not. */
  static @Nullable JsonBody replace(JsonBody body, String model) {
    byte[] name = quoted(model);
    JsonBody renamed = body;
    for (int at = body.find("model", 0); at >= 0; at = body.find("model", at + 1)) {
      if (body.value(at).getByte(0) == '"') {
        renamed = renamed.withValue(at, name);
      }
    }
    return renamed == body ? null : renamed;
  }

  private static byte[] quoted(String model) {
    return ('"' + new String(JsonStringEncoder.getInstance().quoteAsString(model)) + '"')
        .getBytes(StandardCharsets.UTF_8);
  }
}
