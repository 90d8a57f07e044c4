package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestReaderTest {

  private static final long ARRIVED = 1_000;

  private final EdgeOptions options = EdgeOptions.DEFAULTS;
  private final PromptKeys promptKeys = PromptKeys.of("a secret of this test");
  private final RequestReader reader = new RequestReader(options, promptKeys);

  @ParameterizedTest
  @CsvSource({
    ", , 1",
    ", vip, 1",
    ", 0, 1",
    ", 2, 2",
    ", batch, 2",
    ", 7, 7",
    "vip, , 0",
    "vip, standard, 1",
    "batch, vip, 2",
    "batch, 7, 7"
  })
  void prioritiesAreLoweredButNeverRaised(
      @Nullable String allowed, @Nullable String asked, int expected) {
    Keys.Key key =
        allowed == null
            ? null
            : Keys.of(
                    List.of(KeyOptions.of("k", "sk", "t").withPriority(allowed)), options::priority)
                .find("sk");
    assertEquals(expected, read(key, headers("x-forebay-priority", asked)).priority());
  }

  @ParameterizedTest
  @CsvSource({
    "x-forebay-priority, 8",
    "x-forebay-priority, -1",
    "x-forebay-priority, gold",
    "x-forebay-deadline-ms, 0",
    "x-forebay-deadline-ms, soon",
    "x-forebay-deadline-ms, 86400001",
    "x-forebay-cache, never"
  })
  void badHeadersAreNamed(String name, String value) {
    BadRequest bad = assertThrows(BadRequest.class, () -> read(null, headers(name, value)));
    assertEquals(400, bad.httpStatus);
    assertTrue(bad.text.startsWith(name + ": " + value), bad.text);
    assertTrue(bad.text.contains("expected"), bad.text);
  }

  @Test
  void headersSayHowLongAndHow() {
    RequestInfo info =
        read(
            null,
            headers("x-forebay-deadline-ms", "250")
                .set("x-forebay-cache", "only-if-cached")
                .set("x-forebay-session", "s-1"));
    assertEquals(ARRIVED + 250_000_000, info.deadlineNanos());
    assertEquals(CacheMode.ONLY_IF_CACHED, info.cacheMode());
    assertEquals("s-1", info.caller().session());
    assertEquals(Long.MAX_VALUE, read(null, headers("x", null)).deadlineNanos());
  }

  @Test
  void routingKeysComeFromParsedFieldsOnly() {
    RequestInfo info =
        read(
            Operation.CHAT,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\\"user\\\":\\\"evil\\\",\\\"stream\\\":true\"}]}");
    assertEquals("", info.caller().user());
    assertEquals(false, info.stream());
  }

  @Test
  void tokensAreEstimatedFromTextAndCountedFromNumbers() {
    assertEquals(
        3, read(Operation.CHAT, chat("user", "123456789")).promptTokens(), "9 bytes, rounded up");
    assertEquals(
        3, read(Operation.EMBEDDING, "{\"model\":\"m\",\"input\":[7,8,9]}").promptTokens());
    assertEquals(
        2, read(Operation.COMPLETION, "{\"model\":\"m\",\"prompt\":\"üüüü\"}").promptTokens());
    String image =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"abcd\"},"
            + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:xxxxxxxxxxxxxxxxxxxxxxx\"}}]}]}";
    assertEquals(1, read(Operation.CHAT, image).promptTokens());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'max_tokens':9.0 | 9",
        "'max_tokens':9,'max_completion_tokens':7 | 9",
        "'max_tokens':7,'max_completion_tokens':9 | 9",
        "'max_tokens':1,'max_completion_tokens':2,'max_output_tokens':9 | 9",
        "'max_output_tokens':9,'max_completion_tokens':7,'n':2 | 18",
        "'max_tokens':9,'n':4 | 36",
        "'max_tokens':9,'n':2,'best_of':5 | 45",
        "'max_tokens':9,'prompt':['a','b','c'],'n':2 | 54",
        "'max_tokens':9,'prompt':[1,2,3] | 9",
        "'max_tokens':2000000000,'n':2000000000 | 2147483647",
        "'max_tokens':1e30 | 2147483647",
        "'max_tokens':null | 0",
        "'max_tokens':-1 | 0",
        "'max_tokens':-1,'max_completion_tokens':7 | 7",
        "'max_tokens':'9' | 0",
        "'max_tokens':[9],'n':'many' | 0",
        "'max_tokens':9,'n':0 | 9",
        "'max_tokens':9,'n':-3.5 | 9",
        "'max_tokens':1e99999999999 | 0"
      })
  void theBoundOnTheAnswerIsOfAllChoices(String more, int expected) {
    String body = ("{'model':'m','messages':[]," + more + "}").replace('\'', '"');
    assertEquals(expected, read(Operation.CHAT, body).maxOutputTokens());
  }

  /** What is only a hint here is for the upstream to judge. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CHAT | 'messages':[],'user':7,'temperature':'hot','tools':{},'functions':1",
        "CHAT | 'messages':[7,null,'x',[]],'stream_options':'none','stop':{},'logit_bias':[]",
        "CHAT | 'messages':[{'role':7,'content':{'a':1}}],'n':true,'response_format':false",
        "COMPLETION | 'prompt_embeds':'AAAA'",
        "COMPLETION | 'prompt':null,'prompt_embeds':['AAAA']",
        "EMBEDDING | 'messages':[{'role':'user','content':'x'}]",
        "EMBEDDING | 'input':{'text':'x'},'dimensions':'few'"
      })
  void fieldsThatDecideNothingHereAreLeftToTheUpstream(String operation, String fields) {
    String body = ("{'model':'m'," + fields + "}").replace('\'', '"');
    RequestInfo info = read(Operation.valueOf(operation), body);
    assertEquals(0, info.maxOutputTokens());
    assertEquals("", info.caller().user());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'messages':[],'tools':[{'type':'function','function':{'parameters':{X:{}}}}]",
        "'messages':[],'functions':[{'name':'f','description':X}]",
        "'messages':[],'response_format':{'type':'json_schema','json_schema':{'schema':X}}",
        "'messages':[],'system':X",
        "'messages':[],'system':[{'type':'text','text':X}]",
        "'messages':[],'documents':[{'title':'t','text':X}]",
        "'messages':[],'guided_json':{'properties':{X:1}}",
        "'messages':[{'role':'user','content':X}]",
        "'messages':[{'role':'user','content':[{'type':'text','text':X}]}]",
        "'messages':[{'role':'assistant','tool_calls':[{'function':{'arguments':X}}]}]",
        "'messages':[{'role':'assistant','function_call':{'arguments':X}}]",
        "'messages':[],'prompt':[X,'b']",
        "'messages':[],'suffix':X,'prompt':'a'",
        "'messages':[],'input':['a',X]",
        "'messages':[],'input':[{'type':'text','text':X}]"
      })
  void aPromptIsAllThatTheUpstreamReads(String fields) {
    String body = ("{'model':'m'," + fields + "}").replace('\'', '"');
    int with =
        read(Operation.CHAT, body.replace("X", "\"" + "x".repeat(70_000) + "\"")).promptTokens();
    int without = read(Operation.CHAT, body.replace("X", "\"\"")).promptTokens();
    assertEquals(17_500, with - without, 1);
    assertTrue(without < 20, without + " tokens");
  }

  @Test
  void parametersAndImagesAreNoPrompt() {
    String body =
        with(
            "'temperature':0.5,'user':'u','metadata':{'k':'v'},'stop':['x'],'logit_bias':{'50256':-100}");
    assertEquals(0, read(Operation.CHAT, body.replace('\'', '"')).promptTokens());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'model':'allowed'",
        "'mod\\u0065l':'allowed'",
        "'stream':true,'stream':false",
        "'max_tokens':1,'max_tokens':1",
        "'seed':1,'seed':2",
        "'a':{'b':null,'b':null}",
        "'tools':[{'a':[{'k':1,'\\u006b':1}]}]",
        "'\\ud800':1,'\\ud800':2"
      })
  void aMemberThatIsThereTwiceIsRefused(String more) {
    BadRequest bad = refused(with(more).replace('\'', '"'));
    assertTrue(bad.text.contains("there twice"), bad.text);
    assertTrue(bad.text.startsWith(bad.param + ": "), bad.text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Model", "MODEL", "\u017ftream", "Max_Tokens", "max_to\u212aens", "USER"})
  void aNameThatSomeProgramsTakeForAnotherIsRefused(String name) {
    BadRequest bad = refused(with("\"" + name + "\":null"));
    assertEquals(name, bad.param);
    assertTrue(bad.text.contains("exact name"), bad.text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x-forebay-priority",
        "x-forebay-deadline-ms",
        "x-forebay-cache",
        "x-forebay-session"
      })
  void aHeaderThatDecidesIsThereOnce(String name) {
    MultiMap twice = headers(name, "1").add(name, "1");
    BadRequest bad = assertThrows(BadRequest.class, () -> read(null, twice));
    assertEquals(400, bad.httpStatus);
    assertTrue(bad.text.startsWith(name + ": there 2 times"), bad.text);
  }

  private BadRequest refused(String body) {
    BadRequest bad = assertThrows(BadRequest.class, () -> read(Operation.CHAT, body));
    assertEquals(400, bad.httpStatus);
    return bad;
  }

  @Test
  void aModelsNameIsBounded() {
    String body = "{\"model\":\"%s\",\"messages\":[]}";
    assertEquals(
        "model: 1001 characters (expected: at most 1000)",
        refused(body.formatted("m".repeat(1_001))).text);
    assertEquals(1_000, read(Operation.CHAT, body.formatted("m".repeat(1_000))).model().length());
  }

  @Test
  void promptsShareAsManyHashesAsBlocks() {
    String shared = "x".repeat(3 * PromptText.BLOCK_BYTES);
    PrefixHashes one = read(Operation.CHAT, chat("user", shared + "a")).prefix();
    PrefixHashes two = read(Operation.CHAT, chat("user", shared + "b".repeat(5_000))).prefix();
    assertEquals(3, one.size());
    assertEquals(5, two.size());
    for (int i = 0; i < 2; i++) {
      assertEquals(one.get(i), two.get(i));
      assertNotEquals(one.get(i), one.get(i + 1), "each hash covers what comes before");
    }
    assertNotEquals(two.get(3), two.get(4));
    assertNotEquals(
        one.get(0), read(Operation.CHAT, chat("system", shared)).prefix().get(0), "roles count");
    assertEquals(PrefixHashes.NONE, read(Operation.CHAT, chat("user", "short")).prefix());
  }

  @Test
  void theNumberOfHashesIsBounded() {
    String huge = "x".repeat(2 * PromptText.MAX_BLOCKS * PromptText.BLOCK_BYTES);
    assertEquals(PromptText.MAX_BLOCKS, read(Operation.CHAT, chat("user", huge)).prefix().size());
  }

  /** They are read again for each upstream, on an event loop. */
  @Test
  void longStreamOptionsAreRefused() {
    String body = with("\"stream_options\":{\"x\":\"" + "x".repeat(20_000) + "\"}");
    BadRequest bad = assertThrows(BadRequest.class, () -> read(Operation.CHAT, body));
    assertEquals("stream_options: 20008 bytes (expected: at most 16384)", bad.text);
  }

  private RequestInfo read(Operation operation, String body) {
    return reader
        .read("id", operation, "127.0.0.1", null, headers("x", null), Buffer.buffer(body), ARRIVED)
        .info();
  }

  private RequestInfo read(Keys.@Nullable Key key, MultiMap headers) {
    return reader
        .read(
            "id",
            Operation.CHAT,
            "127.0.0.1",
            key,
            headers,
            Buffer.buffer(with("\"a\":1")),
            ARRIVED)
        .info();
  }

  private static String chat(String role, String content) {
    JsonObject message = new JsonObject().put("role", role).put("content", content);
    return new JsonObject()
        .put("model", "m")
        .put("messages", new JsonArray().add(message))
        .encode();
  }

  private static String with(String field) {
    return "{\"model\":\"m\",\"messages\":[]," + field + "}";
  }

  private static MultiMap headers(String name, @Nullable String value) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    return value == null ? headers : headers.set(name, value);
  }
}
