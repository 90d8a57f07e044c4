package dev.forebay.openai;

import dev.forebay.dialect.JsonBody;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import java.nio.charset.StandardCharsets;

/** How a server is asked to continue the last message of a chat. */
public enum Continues {
  /**
   * {@code continue_final_message: true} and {@code add_generation_prompt: false} beside the
   * messages, as vLLM, SGLang and llama.cpp's server (since May 2026) take it.
   */
  FINAL_MESSAGE {
    @Override
    JsonBody said(JsonBody body, int messages) {
      return set(set(body, "add_generation_prompt", "false"), "continue_final_message", "true");
    }
  },
  /** {@code prefix: true} in the message, as DeepSeek's beta API and Mistral's take it. */
  PREFIX {
    @Override
    JsonBody said(JsonBody body, int messages) {
      int end = body.places().end(messages) - 2; // the bracket of the message itself
      return body.with(end, end, ",\"prefix\":true".getBytes(StandardCharsets.UTF_8));
    }
  };

  /**
   * A request as the server takes it: one for the rest of a chat's answer, which has the beginning
   * as its last message, says so. Others stay as they are.
   */
  InferenceRequest asked(InferenceRequest request) {
    boolean rest = request.attempt().given() > 0 && request.info().operation() == Operation.CHAT;
    JsonBody body = rest ? JsonBody.of(request) : null;
    int messages = body == null ? -1 : body.find("messages", 0);
    return body == null || messages < 0 ? request : said(body, messages).in(request);
  }

  abstract JsonBody said(JsonBody body, int messages);

  private static JsonBody set(JsonBody body, String name, String value) {
    int member = body.find(name, 0);
    return member < 0
        ? body.withMember(name, value)
        : body.withValue(member, value.getBytes(StandardCharsets.UTF_8));
  }
}
