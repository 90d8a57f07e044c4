package dev.forebay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EventsTest {

  private static final String ROLE =
      "data:"
          + " {\"id\":\"a\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  private static final String CONTENT =
      "data: {\"id\":\"a\",\"choices\":[{\"delta\":{\"content\":\" tok\"}}]}\n\n";
  private static final String USAGE =
      "data:"
          + " {\"id\":\"a\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private static int read(Events events, String text) {
    return events.read(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  @Test
  void onlyEventsWithTextAreContents() {
    Events events = new Events(true, "a");
    assertEquals(0, read(events, ": keep-alive\n\n" + ROLE));
    assertEquals(2, read(events, CONTENT + CONTENT));
    assertEquals(0, read(events, USAGE));
    assertFalse(events.done());
    read(events, DONE);
    assertTrue(events.done());
    assertFalse(events.foreign());
    assertEquals(7, events.tokens());
    assertTrue(events.fromUsage());
  }

  @Test
  void anEventMayComeInPieces() {
    Events events = new Events(true, "a");
    int half = CONTENT.length() / 2;
    assertEquals(0, read(events, CONTENT.substring(0, half)));
    assertEquals(1, read(events, CONTENT.substring(half) + DONE.substring(0, 3)));
    read(events, DONE.substring(3));
    assertTrue(events.done());
    assertEquals(1, events.tokens());
    assertFalse(events.fromUsage());
  }

  @Test
  void anotherAnswersContentIsForeign() {
    Events events = new Events(true, "b");
    read(events, CONTENT + DONE);
    assertTrue(events.foreign());
  }

  @Test
  void anErrorEventNamesItsCode() {
    Events events = new Events(true, null);
    read(events, CONTENT + "data: {\"error\":{\"message\":\"m\",\"code\":\"cut\"}}\n\n");
    assertEquals("cut", events.error());
    assertFalse(events.done());
  }

  @Test
  void aWholeAnswerIsOneContentAtItsEnd() {
    Events events = new Events(false, "a");
    String body =
        "\n{\"id\":\"a\",\"choices\":[{\"message\":{\"content\":\"x y\"}}],"
            + "\"usage\":{\"completion_tokens\":2}}";
    assertEquals(0, read(events, body.substring(0, 10)));
    assertEquals(0, read(events, body.substring(10)));
    events.end();
    assertTrue(events.done());
    assertEquals(1, events.contents());
    assertEquals(2, events.tokens());
  }
}
