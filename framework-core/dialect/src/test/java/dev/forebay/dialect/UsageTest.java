package dev.forebay.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Usage in every spelling: each token once. */
final class UsageTest {

  private static final String WORD = "{'choices':[{'index':0,'delta':{'content':'Hi'}}]}";
  private static final String END = "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'prompt_tokens':10,'completion_tokens':5,'total_tokens':15 | 10 0 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':4} | 10 4 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'prompt_cache_hit_tokens':4,'prompt_cache_miss_tokens':6 | 10 4 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'cached_tokens':4 | 10 4 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'num_cached_tokens':4 | 10 4 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'cache_read_input_tokens':4 | 10 4 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'cached_tokens':40 | 10 10 5 0",
        "'input_tokens':10,'output_tokens':5 | 10 0 5 0",
        "'input_tokens':10,'output_tokens':5,'input_tokens_details':{'cached_tokens':4},'output_tokens_details':{'reasoning_tokens':2} | 10 4 5 2",
        "'input_tokens':10,'output_tokens':5,'cache_read_input_tokens':100,'cache_creation_input_tokens':20 | 130 100 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'input_tokens':0,'output_tokens':0 | 10 0 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'total_tokens':115,'cache_read_input_tokens':100 | 110 100 5 0",
        "'prompt_tokens':10.0,'completion_tokens':'5','total_tokens':15.0 | 10 0 5 0",
        "'prompt_tokens':'10','completion_tokens':5e0 | 10 0 5 0",
        "'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':3} | 10 0 5 3",
        "'prompt_tokens':10,'completion_tokens':5,'total_tokens':115,'completion_tokens_details':{'reasoning_tokens':100} | 10 0 105 100",
        "'total_tokens':10 | 10 0 0 0",
        "'prompt_tokens':-1,'completion_tokens':null | 0 0 0 0",
        "'prompt_tokens':NaN,'completion_tokens':true | 0 0 0 0",
        "'prompt_tokens':{'a':7},'completion_tokens':[7] | 0 0 0 0",
        "'prompt_tokens':100000000,'completion_tokens':100000000 | 100000000 0 100000000 0",
        "'prompt_tokens':10,'completion_tokens':100000001 | 10 0 0 0",
        "'prompt_tokens':10,'completion_tokens':9223372036854775807 | 10 0 0 0",
        "'prompt_tokens':9999999999999,'completion_tokens':1e300 | 0 0 0 0"
      })
  void spellings(String members, String used) {
    String usage = "'usage':{" + members + "}";
    assertEquals(
        used,
        show(
            whole(
                "{'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'}],"
                    + usage
                    + "}")));
    assertEquals(used, show(stream(WORD, END, "{'choices':[]," + usage + "}")), "event");
    assertEquals(used, show(stream(WORD, END, "{" + usage + "}")), "event without choices");
    assertEquals(
        used,
        show(stream(WORD, END.replace("'stop'", "'stop'," + usage))),
        "of the choice, as Moonshot says it");
    assertEquals(used, show(stream(WORD, END, "{'x_groq':{" + usage + "}}")), "as Groq says it");
  }

  @Test
  void whatEachChoiceUsedIsAddedUp() {
    String choice =
        "{'index':%d,'message':{'content':'Hi'},'finish_reason':'stop',"
            + "'usage':{'prompt_tokens':10,'completion_tokens':%d}}";
    String both = choice.formatted(0, 5) + "," + choice.formatted(1, 7);
    assertEquals("10 0 12 0", show(whole("{'choices':[" + both + "]}")));
  }

  /** Without a usage that says what the completion was, its content is counted. */
  private static String show(Usage usage) {
    return usage.promptTokens()
        + " "
        + usage.cachedTokens()
        + " "
        + (usage.completionTokens() == 1 ? 0 : usage.completionTokens())
        + " "
        + usage.reasoningTokens();
  }

  @Test
  void whatComesLaterCountsButForWhatItLeavesOut() {
    Usage usage =
        stream(
            "{'choices':[],'usage':{'input_tokens':10,'output_tokens':0}}",
            WORD.replace("]}", "],'usage':{'prompt_tokens':10,'completion_tokens':1}}"),
            END.replace("]}", "],'usage':{'output_tokens':7}}"));
    assertEquals(new Usage(10, 0, 7, 0), usage);
  }

  @Test
  void choicesThatSayWhatTheyUsedAreAddedUp() {
    String first =
        END.replace("'stop'", "'stop','usage':{'prompt_tokens':10,'completion_tokens':5}");
    String second = first.replace("'index':0", "'index':1").replace(":5}", ":7}");
    assertEquals(new Usage(10, 0, 12, 0), stream(WORD, first, second, second));
  }

  private static Usage whole(String json) {
    return Still.whole(json.replace('\'', '"')).outcome().usage();
  }

  private static Usage stream(String... events) {
    StringBuilder all = new StringBuilder();
    for (String event : events) {
      all.append("data: ").append(event.replace('\'', '"')).append("\n\n");
    }
    Still.Read read = Still.stream(all.toString());
    assertEquals("OK", read.ending());
    return read.outcome().usage();
  }
}
