package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gguf.GgufFile;
import dev.forebay.gguf.GgufValue;
import dev.forebay.gguf.Quantizer;
import dev.forebay.gguf.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code quantize} writes is loaded and answers; templates of models make prompts. */
@Timeout(60)
class KherudEngineTest {

  @TempDir Path folder = Path.of("");

  @Test
  void eachTypeIsLoadedAndAnswers() throws IOException {
    Path tiny = Path.of(TinyModel.path());
    for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_0)) {
      Path path = folder.resolve("quantized-" + type + ".gguf");
      Quantizer.quantize(tiny, path, type, (done, all, name) -> {});
      assertTrue(Files.size(path) < Files.size(tiny) / 2);
      Llama options = Llama.of("local", path.toString()).withSlots(1).withContext(128).withQueue(1);
      Engine engine = KherudEngine.load(Engines.Key.of(options, Llama.read(path.toString())));
      Engine.Generation answer =
          engine.generate(new Engine.Task("ab cd", 4, false, Engine.Sampling.DEFAULT));
      int pieces = 0;
      while (answer.next() != null) {
        pieces++;
      }
      assertTrue(pieces > 0, () -> type + " says nothing");
    }
  }

  private static final List<Engine.Message> CHAT =
      List.of(
          new Engine.Message("system", "be brief"), new Engine.Message("user", "{{ 7 }} \u4f60"));

  @Test
  void aTemplateThatTheEngineKnowsMakesThePrompt() throws IOException {
    assertEquals(
        "<|start_header_id|>system<|end_header_id|>\n\nbe brief<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\n{{ 7 }} \u4f60<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n",
        prompt(templated("{{ '<|start_header_id|>' + m.role + '<|end_header_id|>' }}")));
  }

  @Test
  void aTemplateThatItDoesNotKnowOrThatRaisesIsReplacedByChatMl() throws IOException {
    String chatMl =
        """
        <|im_start|>system
        be brief<|im_end|>
        <|im_start|>user
        {{ 7 }} \u4f60<|im_end|>
        <|im_start|>assistant
        """;
    assertEquals(chatMl, prompt(Path.of(TinyModel.path())));
    assertEquals(chatMl, prompt(templated("{{ raise_exception('no') }}{% for")));
  }

  private static String prompt(Path model) {
    Llama options = Llama.of("local", model.toString()).withSlots(1).withContext(64).withQueue(1);
    return KherudEngine.load(Engines.Key.of(options, Llama.read(model.toString()))).chat(CHAT);
  }

  /** The tiny model with another template, filled up with spaces. */
  private Path templated(String template) throws IOException {
    Path tiny = Path.of(TinyModel.path());
    byte[] bytes = Files.readAllBytes(tiny);
    GgufValue value = GgufFile.read(tiny).value("tokenizer.chat_template").orElseThrow();
    int from = (int) value.offset() + 8;
    Arrays.fill(bytes, from, from + (int) value.bytes() - 8, (byte) ' ');
    byte[] text = template.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, bytes, from, text.length);
    Path path = folder.resolve("templated.gguf");
    Files.write(path, bytes);
    return path;
  }
}
