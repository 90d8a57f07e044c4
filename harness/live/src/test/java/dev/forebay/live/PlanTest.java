package dev.forebay.live;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.Iterator;
import scala.concurrent.duration.FiniteDuration;

class PlanTest {

  private static final String HEAD =
      "{\"url\":\"http://127.0.0.1:1/v1\",\"retries\":0,\"firstPause\":1,\"longestPause\":1,\"jitter\":0}";

  @TempDir private Path folder;

  private Plan plan(String... turns) throws IOException {
    Path file = folder.resolve("plan.jsonl");
    Files.writeString(file, HEAD + "\n" + String.join("\n", turns) + "\n");
    return Plan.read(file);
  }

  private static String turn(String id, long at, @Nullable String session) {
    return "{\"id\":\"%s\",\"at\":%d,\"session\":%s,\"tokens\":8,\"model\":\"m\",\"prompt\":\"p\",\"prefix\":[]}"
        .formatted(id, at, session);
  }

  @Test
  void turnsOfASessionAreOneConversation() throws IOException {
    Plan plan =
        plan(turn("a", -5, null), turn("b", 0, "\"s\""), turn("c", 7, null), turn("d", 9, "\"s\""));
    assertEquals(
        List.of(List.of("a"), List.of("b", "d"), List.of("c")),
        plan.conversations().stream().map(turns -> turns.stream().map(Turn::id).toList()).toList());
  }

  @Test
  void gatlingInjectsAUserForEachConversationAtItsTime() throws IOException {
    Arrivals arrivals =
        new Arrivals(plan(turn("a", -5, null), turn("b", 0, "\"s\""), turn("d", 9, "\"s\"")));
    List<Long> nanos = new ArrayList<>();
    Iterator<FiniteDuration> times =
        arrivals.chain(
            scala.jdk.javaapi.CollectionConverters.asScala(List.<FiniteDuration>of().iterator()));
    while (times.hasNext()) {
      nanos.add(times.next().toNanos());
    }
    assertEquals(List.of(0L, 5L), nanos);
    assertEquals(2, arrivals.users());
    assertEquals(5, arrivals.duration().toNanos());
  }

  private static String body(int tokens, String prompt, Long... prefix) {
    Turn turn =
        new Turn(
            "a",
            0,
            null,
            0,
            0,
            null,
            null,
            null,
            1,
            "m",
            true,
            tokens,
            prompt,
            List.of(prefix),
            16,
            0,
            null);
    return new String(Body.of(turn), StandardCharsets.UTF_8);
  }

  private static String text(String body) {
    int from = body.indexOf("\"content\":\"") + "\"content\":\"".length();
    return body.substring(from, body.indexOf('"', from));
  }

  @Test
  void aPromptIsFourBytesForEachTokenAndSharesItsBlocks() {
    String one = text(body(40, "p1 ", 11L, 12L));
    String other = text(body(40, "p2 ", 11L, 12L));
    String third = text(body(40, "p1 ", 11L, 13L));
    assertEquals(160, one.length());
    assertEquals(one.substring(0, 128), other.substring(0, 128));
    assertFalse(one.equals(other));
    assertEquals(one.substring(0, 64), third.substring(0, 64));
    assertFalse(one.substring(64, 128).equals(third.substring(64, 128)));
    assertArrayEquals(
        body(40, "p1 ", 11L, 12L).getBytes(StandardCharsets.UTF_8),
        body(40, "p1 ", 11L, 12L).getBytes(StandardCharsets.UTF_8));
    assertTrue(text(body(1, "a long prompt")).length() <= 4);
  }
}
