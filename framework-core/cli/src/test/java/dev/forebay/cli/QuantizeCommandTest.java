package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {

  @TempDir Path folder = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void saysSizesErrorsAndWhatIsKept() {
    assertEquals(Main.OK, run("random-model", path("in.gguf")));
    assertTrue(out.toString().contains("it answers noise"), out::toString);
    assertEquals(
        Main.OK,
        run("quantize", path("in.gguf"), path("out.gguf"), "--type", "q8_0"),
        err::toString);
    assertTrue(out.toString().contains("kept (1-D): 7: blk.0.attn_norm.weight"), out::toString);
    assertTrue(out.toString().contains("867328 bytes became 241"), out::toString);
    assertTrue(out.toString().contains("ffn_down"), out::toString);
    assertEquals("", err.toString(), "no progress bar where nobody looks");
  }

  @Test
  void aFileThatIsNoModelIsOneLineAndExitCodeTwo() throws IOException {
    Files.writeString(folder.resolve("in.gguf"), "hello");
    int code = run("quantize", path("in.gguf"), path("out.gguf"), "--type", "q4_0");
    assertEquals(Main.WRONG_INPUT, code);
    assertEquals(
        "forebay: " + path("in.gguf") + ": no GGUF file (expected: one that begins with GGUF)",
        err.toString().strip());
    assertFalse(Files.exists(folder.resolve("out.gguf")));
  }

  @Test
  void anUnknownTypeOrFolderIsExitCodeTwo() {
    assertEquals(Main.OK, run("random-model", path("in.gguf")));
    assertEquals(
        Main.WRONG_INPUT, run("quantize", path("in.gguf"), path("out.gguf"), "--type", "q5"));
    assertEquals(
        Main.WRONG_INPUT,
        run("quantize", path("in.gguf"), path("absent/out.gguf"), "--type", "q8_0"));
    assertTrue(
        err.toString()
            .contains(
                "cannot be written: no such file or folder (expected: a file in a folder that is"
                    + " there)"),
        err::toString);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private int run(String... args) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of("NO_COLOR", "1"), args);
  }
}
