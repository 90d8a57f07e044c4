package dev.forebay.redis.twin;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list of values as one value: each after its length. */
final class TwinList {

  private TwinList() {}

  static List<Buffer> read(@Nullable Buffer all) {
    List<Buffer> values = new ArrayList<>();
    int end = all == null ? 0 : all.length();
    for (int at = 0; all != null && at < end; ) {
      int length = all.getInt(at);
      at += Integer.BYTES;
      values.add(all.getBuffer(at, at + length));
      at += length;
    }
    return values;
  }

  static Buffer write(List<Buffer> values) {
    Buffer all = Buffer.buffer();
    values.forEach(value -> all.appendInt(value.length()).appendBuffer(value));
    return all;
  }
}
