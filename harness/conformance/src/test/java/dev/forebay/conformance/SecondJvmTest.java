package dev.forebay.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SecondJvmTest {

  private static String failure(long seconds, String script) throws IOException {
    SecondJvm jvm = new SecondJvm(seconds, "/bin/sh", "-c", script);
    return String.valueOf(
        assertThrows(
                IllegalStateException.class,
                () -> jvm.ask(SecondJvmTest.class, Path.of("decisions")))
            .getMessage());
  }

  @Test
  void oneThatDiesAtItsStartSaysWhatItSaid() throws IOException {
    assertEquals(
        "the second JVM failed: no room\nit ended", failure(30, "exec 0<&-; echo no room"));
  }

  @Test
  void oneThatSaysNothingIsGivenUp() throws IOException {
    assertEquals("the second JVM took more than 1 s", failure(1, "exec sleep 600"));
  }
}
