package dev.forebay.accesslog;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a line says beyond its log so that the traffic can be replayed: how urgent the request is,
 * how long its caller waits, and what belongs together. Sessions and users are hashes under a salt
 * of this process, prompts and blocks the keyed hashes that the edge made; none tells a word.
 *
 * @param salt of the hashes of sessions and users
 */
record ReplayFields(long salt) {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final int HASH_BYTES = 8;

  void add(JsonObject json, RequestInfo info) {
    json.put("priority", info.priority());
    json.put("expected_prompt_tokens", info.promptTokens());
    if (info.deadlineNanos() != Long.MAX_VALUE) {
      json.put("patience_ms", (info.deadlineNanos() - info.arrivedNanos()) / NANOS_PER_MILLI);
    }
    hash(json, "session", info.caller().session());
    hash(json, "user", info.caller().user());
    if (info.promptKey() != null) {
      json.put("prompt", info.promptKey().toString());
    }
    PrefixHashes prefix = info.prefix();
    if (prefix.size() > 0) {
      JsonArray blocks = new JsonArray();
      for (int i = 0; i < prefix.size(); i++) {
        blocks.add(prefix.get(i));
      }
      json.put("prefix", blocks);
    }
  }

  private void hash(JsonObject json, String name, String text) {
    if (text.isEmpty()) {
      return;
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
      byte[] all = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      json.put(name, HexFormat.of().formatHex(all, 0, HASH_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
