package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.identity.KeyHash;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class HashKeyCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void printsTheHashOfALine() {
    assertEquals(0, run("sk-one\n", "hash-key"), err.toString());
    assertEquals("hash: " + KeyHash.of("sk-one", null), out.toString().strip());
  }

  @Test
  void makesANewKeyAndItsHash() {
    assertEquals(0, run("", "hash-key", "--generate"), err.toString());
    String[] lines = out.toString().strip().split("\\R", -1);
    String key = lines[0].substring("key: ".length());
    assertEquals("hash: " + KeyHash.of(key, null), lines[1]);
  }

  @Test
  void saysWhatIsMissing() {
    assertEquals(2, run("\n", "hash-key"));
    assertTrue(
        err.toString().contains("standard input: no key (expected: one line"), err::toString);
    String variable = "FOREBAY_NO_SUCH_VARIABLE";
    assertEquals(2, run("sk-one\n", "hash-key", "--secret-env", variable));
    assertTrue(err.toString().contains(variable + " (expected: a variable that is set)"));
  }

  private int run(String input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), arguments);
    } finally {
      System.setIn(before);
    }
  }
}
