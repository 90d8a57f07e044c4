package dev.forebay.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LlamaBackendTest {

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  @TempDir Path folder = Path.of("");
  private Asking asking = new Asking(stage, new NoBackend());

  @BeforeEach
  void make() {
    asking = asking(options());
  }

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void aStreamAndAWholeAnswerSayTheSame() {
    Asking.Said streamed =
        asking.ask(
            Asking.chat("Hello")
                .put("stream", true)
                .put("stream_options", new JsonObject().put("include_usage", true)));
    Asking.Said whole = asking.ask(Asking.chat("Hello"));
    assertNull(streamed.failure());
    assertTrue(streamed.bytes().endsWith("data: [DONE]\n\n"), streamed.bytes());
    JsonObject choice = whole.json().getJsonArray("choices").getJsonObject(0);
    assertEquals(choice.getJsonObject("message").getString("content"), streamed.text());
    assertEquals("length", choice.getString("finish_reason"));
    assertEquals("length", streamed.finishReason());
    JsonObject usage = whole.json().getJsonObject("usage");
    assertEquals(usage, streamed.events().getLast().getJsonObject("usage"));
    assertTrue(usage.getInteger("prompt_tokens") > 5, usage::encode);
    assertEquals(
        usage.getInteger("completion_tokens"),
        assertNotNullOutcome(streamed).usage().completionTokens());
  }

  /** Without its end tokens, which are 0 to 2, the model never stops by itself. */
  @Test
  void anAnswerThatDoesNotStopByItselfHasAllItsTokens() {
    JsonObject noEnd = new JsonObject().put("0", -100).put("1", -100).put("2", -100);
    for (int seed = 0; seed < 60; seed++) {
      JsonObject body =
          Asking.chat("Hello").put("max_tokens", 8).put("seed", seed).put("logit_bias", noEnd);
      Asking.Said whole = asking.ask(body);
      JsonObject choice = whole.json().getJsonArray("choices").getJsonObject(0);
      assertEquals("length", choice.getString("finish_reason"), "seed " + seed);
      JsonObject usage = whole.json().getJsonObject("usage");
      assertEquals(8, usage.getInteger("completion_tokens"), "seed " + seed);
    }
  }

  @Test
  void aStopTextEndsTheAnswerAndIsNoPartOfIt() {
    String whole = asking.ask(Asking.chat("Hello").put("stream", true)).text();
    Matcher letters = Pattern.compile("[a-z]{2}").matcher(whole);
    assertTrue(letters.find(), whole);
    String stop = letters.group();
    Asking.Said stopped = asking.ask(Asking.chat("Hello").put("stream", true).put("stop", stop));
    assertEquals(whole.substring(0, whole.indexOf(stop)), stopped.text());
    assertEquals("stop", stopped.finishReason());
  }

  @Test
  void theSameSeedGivesTheSameAnswer() {
    JsonObject body = Asking.chat("Hello").put("temperature", 1).put("seed", 7).put("stream", true);
    assertEquals(asking.ask(body).text(), asking.ask(body).text());
    String other = asking.ask(body.copy().put("seed", 8)).text();
    assertTrue(!other.equals(asking.ask(body).text()), "another seed says something else");
  }

  @Test
  void aSchemaIsKeptByRandomWeightsToo() {
    JsonObject schema =
        new JsonObject(
            """
            {"type":"object","required":["sure","tag"],"properties":{
              "sure":{"type":"boolean"},"tag":{"enum":["a\\"b","c"]},"n":{"type":"integer"}}}\
            """);
    for (int seed = 0; seed < 5; seed++) {
      JsonObject body =
          Asking.chat("Hello")
              .put("temperature", 1)
              .put("seed", seed)
              .put("max_tokens", 200)
              .put(
                  "response_format",
                  new JsonObject()
                      .put("type", "json_schema")
                      .put("json_schema", new JsonObject().put("schema", schema)));
      Asking.Said said = asking.ask(body);
      JsonObject choice = said.json().getJsonArray("choices").getJsonObject(0);
      assertEquals("stop", choice.getString("finish_reason"), said::bytes);
      JsonObject answer = new JsonObject(choice.getJsonObject("message").getString("content"));
      assertInstanceOf(Boolean.class, answer.getValue("sure"));
      assertTrue(List.of("a\"b", "c").contains(answer.getString("tag")), answer::encode);
    }
  }

  @Test
  void embeddingsHaveALengthOfOneAndTellTextsApart() {
    Asking with = asking(options().withEmbeddings(true));
    JsonObject body =
        new JsonObject().put("model", "tiny").put("input", new JsonArray().add("a").add("b c"));
    Asking.Said said = with.ask(Operation.EMBEDDING, body);
    assertNull(said.failure());
    JsonArray data = said.json().getJsonArray("data");
    assertEquals(2, data.size());
    double squares = 0;
    for (Object value : data.getJsonObject(1).getJsonArray("embedding")) {
      squares += ((Number) value).doubleValue() * ((Number) value).doubleValue();
    }
    assertEquals(1, squares, 1e-4);
    assertTrue(!data.getJsonObject(0).equals(data.getJsonObject(1)));
    refused(400, asking.ask(Operation.EMBEDDING, body));
  }

  @Test
  void completionsNeedNoTemplate() {
    JsonObject body = new JsonObject().put("model", "tiny").put("prompt", "").put("max_tokens", 3);
    Asking.Said said = asking.ask(Operation.COMPLETION, body);
    assertNull(said.failure());
    assertEquals("text_completion", said.json().getString("object"));
    assertEquals(1, said.json().getJsonObject("usage").getInteger("prompt_tokens"));
  }

  @Test
  void whatTheEngineMustNotBeGivenIsRefused() {
    for (String bad :
        List.of(
            "temperature:-1",
            "temperature:1e999",
            "top_p:2",
            "n:2",
            "max_tokens:0",
            "stop:['']",
            "stop:5",
            "tools:[{}]",
            "logprobs:true",
            "top_logprobs:3",
            "modalities:['text','audio']",
            "grammar:'root ::= x'",
            "echo:true",
            "dimensions:4",
            "encoding_format:'zip'",
            "messages:[]",
            "messages:5",
            "messages:[5]",
            "messages:[{'role':'user'}]",
            "messages:[{'role':'x','content':'y'}]",
            "messages:[{'role':'user','content':[{'type':'image_url'}]}]",
            "logit_bias:[1]",
            "logit_bias:{'x':1}",
            "seed:1.5",
            "response_format:{'type':'json_schema'}",
            "response_format:{'type':'json_schema','json_schema':{'schema':{'type':'foo'}}}",
            "response_format:{'type':'json_schema','json_schema':{'schema':{'pattern':'((('}}}",
            "response_format:{'type':'json_schema','json_schema':{'schema':{'$ref':'#/x'}}}")) {
      String name = bad.substring(0, bad.indexOf(':'));
      JsonObject field =
          new JsonObject(
              "{\"" + name + "\":" + bad.substring(name.length() + 1).replace('\'', '"') + "}");
      refused(400, asking.ask(Asking.chat("Hello").mergeIn(field)));
    }
    refused(400, asking.ask(Operation.CHAT, Buffer.buffer("{\"messages\":["), false));
    refused(400, asking.ask(Operation.CHAT, Buffer.buffer(new byte[] {(byte) 0xC3, 0x28}), false));
    assertNull(asking.ask(Asking.chat("a\0b\uD800\u0001")).failure());
    JsonObject plain = new JsonObject("{\"modalities\":[\"text\"],\"tools\":[],\"echo\":false}");
    assertNull(asking.ask(Asking.chat("Hello").mergeIn(plain)).failure());
  }

  @Test
  void aPromptThatIsTooLongIsRefusedBeforeItRuns() {
    Failure failure = refused(400, asking.ask(Asking.chat("abc ".repeat(2000))));
    assertEquals("context_length_exceeded", failure.reason());
    refused(400, asking.ask(Asking.chat("a".repeat(1 << 20))));
  }

  @Test
  void charactersOfSeveralTokensAreCountedWhole() {
    JsonObject schema = new JsonObject().put("const", "\u00e9\u4f60"); // of two and three bytes
    JsonObject body =
        Asking.chat("Hello")
            .put("max_tokens", 100)
            .put(
                "response_format",
                new JsonObject()
                    .put("type", "json_schema")
                    .put("json_schema", new JsonObject().put("schema", schema)));
    Asking.Said said = asking.ask(body);
    assertNull(said.failure());
    JsonObject choice = said.json().getJsonArray("choices").getJsonObject(0);
    assertEquals("\"\u00e9\u4f60\"", choice.getJsonObject("message").getString("content"));
    assertEquals("stop", choice.getString("finish_reason"));
    // quotes, characters, and the token that ends it
    assertEquals(2 + 2 + 3 + 1, said.json().getJsonObject("usage").getInteger("completion_tokens"));
  }

  @Test
  void aPoolIsToldWhatDoesNotFit() {
    RequestInfo chat = RequestInfo.chat("r", "m", Caller.at("127.0.0.1"), 0);
    Backend backend = asking.backend();
    assertTrue(backend.facts().fitting().test(chat.withPrompt(1000, null, PrefixHashes.NONE)));
    assertFalse(backend.facts().fitting().test(chat.withPrompt(1024, null, PrefixHashes.NONE)));
    assertFalse(backend.facts().fitting().test(chat.withTraits(new Traits(1, true, false))));
  }

  @Test
  void anAnswerEndsWithTheContext() {
    Asking.Said said = asking.ask(Asking.chat("Hello").put("max_tokens", 100_000));
    assertNull(said.failure());
    JsonObject usage = said.json().getJsonObject("usage");
    assertTrue(usage.getInteger("total_tokens") <= 1024 + 8, usage::encode);
  }

  @Test
  void aFullQueueIsSaturatedAndEmptiesAgain() {
    Asking small =
        asking(Llama.of("local", TinyModel.path()).withSlots(1).withContext(1024).withQueue(1));
    List<Call> calls = new ArrayList<>();
    List<Future<InferenceResponse>> heads = new ArrayList<>();
    Buffer body = Asking.chat("Hello").put("stream", true).put("max_tokens", 1000).toBuffer();
    stage.await(
        () -> {
          for (int i = 0; i < 3; i++) {
            Call call = Call.root(stage.requestTimeline());
            calls.add(call);
            heads.add(small.backend().serve(Asking.request(Operation.CHAT, body, true, call)));
          }
          return Future.succeededFuture();
        });
    Failure failure = assertInstanceOf(Failure.class, heads.get(2).cause());
    assertEquals(Status.SATURATED, failure.status());
    assertTrue(failure.retryAfterNanos() > 0);
    assertTrue(small.backend().load() >= 1, "load " + small.backend().load());
    calls.forEach(Call::end);
    Asking.Said after = small.ask(Asking.chat("Hello").put("stream", true));
    assertNull(after.failure());
  }

  @Test
  void aReaderWhoIsSlowHoldsNoSlot() {
    Asking one =
        asking(Llama.of("local", TinyModel.path()).withSlots(1).withContext(1024).withQueue(4));
    Call call = Call.root(stage.requestTimeline());
    Buffer body = Asking.chat("Hello").put("stream", true).put("max_tokens", 500).toBuffer();
    TokenStream unread =
        stage
            .await(() -> one.backend().serve(Asking.request(Operation.CHAT, body, true, call)))
            .result()
            .tokens();
    assertNull(one.ask(Asking.chat("Hello")).failure()); // the one slot is free again
    Asking.Said late = one.read(unread);
    assertNull(late.failure());
    assertTrue(late.chunks() < 100, () -> late.chunks() + " chunks: what waited came together");
    call.end();
  }

  @Test
  void filesThatAreNoModelsAreOneLine() throws IOException {
    Path path = folder.resolve("bad.gguf");
    Files.writeString(path, "GGUF and nothing more");
    for (String model : List.of(path.toString(), "/absent.gguf", folder.toString())) {
      IllegalArgumentException thrown =
          assertThrows(IllegalArgumentException.class, () -> asking(Llama.of("local", model)));
      String message = assertNotNullText(thrown.getMessage());
      assertTrue(message.startsWith("model: ") && message.lines().count() == 1, message);
    }
  }

  private static String assertNotNullText(@org.jspecify.annotations.Nullable String text) {
    assertNotNull(text);
    return text;
  }

  private static dev.forebay.spi.Outcome assertNotNullOutcome(Asking.Said said) {
    assertNotNull(said.outcome());
    return said.outcome();
  }

  private static Failure refused(int status, Asking.Said said) {
    Failure failure = assertInstanceOf(Failure.class, said.failure(), said::bytes);
    assertEquals(status, failure.httpStatus(), failure::getMessage);
    return failure;
  }

  private static Llama options() {
    return Llama.of("local", TinyModel.path()).withSlots(4).withContext(1024).withQueue(300);
  }

  private Asking asking(Llama options) {
    Backend backend = options.create(stage.context());
    return new Asking(stage, backend);
  }
}
