package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class ContinuesTest {

  private static final String MESSAGES =
      "\"messages\":[{\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"A\"";

  private static InferenceRequest request(Operation operation, String body, int given) {
    RequestInfo info =
        RequestInfo.chat("r", "m", Caller.at("127.0.0.1"), 0).withOperation(operation);
    return new InferenceRequest(
        info,
        Buffer.buffer(body),
        Call.root(new VirtualTimeline()),
        Attempt.FIRST.continuing(given));
  }

  private static String asked(Continues how, String body) {
    return how.asked(request(Operation.CHAT, body, 4)).body().toString();
  }

  @Test
  void theServerIsAskedToContinueTheFinalMessage() {
    assertEquals(
        "{"
            + MESSAGES
            + "}],\"stream\":true,\"add_generation_prompt\":false,\"continue_final_message\":true}",
        asked(Continues.FINAL_MESSAGE, "{" + MESSAGES + "}],\"stream\":true}"));
  }

  @Test
  void whatTheCallerSaidOfItGivesWay() {
    assertEquals(
        "{\"add_generation_prompt\":false," + MESSAGES + "}],\"continue_final_message\":true}",
        asked(Continues.FINAL_MESSAGE, "{\"add_generation_prompt\":true," + MESSAGES + "}]}"));
  }

  @Test
  void theServerIsGivenAPrefix() {
    assertEquals(
        "{" + MESSAGES + ",\"prefix\":true}],\"stream\":true}",
        asked(Continues.PREFIX, "{" + MESSAGES + "}],\"stream\":true}"));
  }

  @Test
  void otherRequestsStayAsTheyAre() {
    for (Continues how : Continues.values()) {
      InferenceRequest first = request(Operation.CHAT, "{" + MESSAGES + "}]}", 0);
      assertSame(first, how.asked(first));
      InferenceRequest prompt = request(Operation.COMPLETION, "{\"prompt\":\"a\"}", 4);
      assertSame(prompt, how.asked(prompt));
    }
  }
}
