package dev.forebay.caching.semantic;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What is compared: the last words of the user by their meaning, everything else exactly.
 *
 * @param scope digest of the tenant and of the whole request but those words: system prompt, the
 *     conversation so far, model and parameters. Caches that compare the last question only answer
 *     "and why?" of one conversation with the reasons of another
 * @param text those words
 */
record Question(String scope, String text) {

  /** The question of a request; null where there is none that can be compared. */
  static @Nullable Question of(InferenceRequest request, int maxBytes) {
    if (request.info().operation() != Operation.CHAT || request.body().length() > maxBytes) {
      return null;
    }
    try {
      JsonObject body = new JsonObject(request.body());
      JsonArray messages = body.getJsonArray("messages");
      if (messages == null || messages.isEmpty() || body.containsKey("tools")) {
        return null; // an answer with tools is a plan for one case
      }
      JsonObject last = messages.getJsonObject(messages.size() - 1);
      if (!"user".equals(last.getString("role"))) {
        return null;
      }
      String text = last.getString("content");
      if (text == null || text.isBlank()) {
        return null;
      }
      last.put("content", "");
      return new Question(digest(request.info().caller().tenant(), body.encode()), text);
    } catch (DecodeException | ClassCastException e) {
      return null; // content in parts, or no chat: answered without it
    }
  }

  private static String digest(String tenant, String rest) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((tenant.length() + ":" + tenant).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest(rest.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
