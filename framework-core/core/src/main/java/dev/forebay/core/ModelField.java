package dev.forebay.core;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.forebay.dialect.JsonSource;
import dev.forebay.spi.InferenceRequest;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Arrays;
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
    if (request.info().model().equals(model)) {
      return request;
    }
    Buffer body = request.body();
    Buffer bytes = body.length() == 0 ? body : replace(body, model);
    return bytes == null ? null : request.with(request.info().withModel(model), bytes);
  }

  /** The body with another model, each time that it is named; null where it is not. */
  static @Nullable Buffer replace(Buffer body, String model) {
    byte[] bytes = body.getBytes();
    byte[] name = JsonStringEncoder.getInstance().quoteAsUTF8(model);
    Buffer result = Buffer.buffer(bytes.length + name.length);
    int copied = 0;
    try (JsonParser parser = JsonSource.positions(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = "model".equals(parser.currentName());
        if (parser.nextToken() != JsonToken.VALUE_STRING || !wanted) {
          parser.skipChildren();
          continue;
        }
        int from = JsonSource.begin(parser);
        parser.finishToken();
        int to = JsonSource.end(parser);
        if (from < copied || to > bytes.length || bytes[from] != '"' || bytes[to - 1] != '"') {
          return null; // not UTF-8: there are no offsets
        }
        result.appendBytes(Arrays.copyOfRange(bytes, copied, from + 1)).appendBytes(name);
        copied = to - 1;
      }
    } catch (IOException e) {
      return null;
    }
    return copied == 0 ? null : result.appendBytes(Arrays.copyOfRange(bytes, copied, bytes.length));
  }
}
