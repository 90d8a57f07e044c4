package dev.forebay.config;

import static dev.forebay.config.Lines.at;
import static dev.forebay.config.Lines.plain;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {

  /** The test cases of RFC 7386, appendix A, in its order. */
  @ParameterizedTest(name = "{0} patched with {1} is {2}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":"b"};            {"a":"c"};                    {"a":"c"}
          {"a":"b"};            {"b":"c"};                    {"a":"b","b":"c"}
          {"a":"b"};            {"a":null};                   {}
          {"a":"b","b":"c"};    {"a":null};                   {"b":"c"}
          {"a":["b"]};          {"a":"c"};                    {"a":"c"}
          {"a":"c"};            {"a":["b"]};                  {"a":["b"]}
          {"a":{"b":"c"}};      {"a":{"b":"d","c":null}};     {"a":{"b":"d"}}
          {"a":[{"b":"c"}]};    {"a":[1]};                    {"a":[1]}
          ["a","b"];            ["c","d"];                    ["c","d"]
          {"a":"b"};            ["c"];                        ["c"]
          {"a":"foo"};          null;                         null
          {"a":"foo"};          "bar";                        "bar"
          {"e":null};           {"a":1};                      {"e":null,"a":1}
          [1,2];                {"a":"b","c":null};           {"a":"b"}
          {};                   {"a":{"bb":{"ccc":null}}};    {"a":{"bb":{}}}
          """)
  void asTheRfcSays(String target, String patch, String result) {
    assertEquals(plain(yaml(result)), plain(yaml(target).merge(yaml(patch))));
  }

  @Test
  void eachValueKeepsThePlaceItCameFrom() {
    Node base = Node.parse("base.yaml", "limit:\n  rate: 1\n  burst: 2\n", name -> null);
    Node patch = Node.parse("patch.yaml", "\n\nlimit: {burst: 9}\n", name -> null);
    Node limit = at(base.merge(patch), "limit");
    assertEquals("base.yaml:2:9", at(limit, "rate").place().toString());
    assertEquals("patch.yaml:3:16", at(limit, "burst").place().toString());
    assertEquals("limit.burst", at(limit, "burst").place().path());
    assertEquals("patch.yaml:3:9", limit.placeOf("burst").toString());
    assertEquals("2", at(base, "limit", "burst").text(), "the base is as it was");
  }
}
