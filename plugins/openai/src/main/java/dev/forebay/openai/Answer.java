package dev.forebay.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.dialect.JsonSource;
import dev.forebay.spi.Usage;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a whole answer, or of one event of a stream: found in one pass over the JSON,
 * without a tree.
 */
final class Answer {

  private static final int CHARACTERS_PER_TOKEN = 4;

  /** The upstream's error message; null where it reports none. */
  @Nullable String error;

  /** Why it ended; null where it has not. */
  @Nullable String finishReason;

  /** What it used; null where it does not say. */
  @Nullable Usage usage;

  /** Whether it has choices, or data as embeddings have. */
  boolean choices;

  private int characters;
  private boolean content;

  private Answer() {}

  /**
   * Reads a JSON object.
   *
   * @throws IOException where it is none
   */
  static Answer read(byte[] json, int from) throws IOException {
    Answer answer = new Answer();
    try (JsonParser parser = JsonSource.FACTORY.createParser(json, from, json.length - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no JSON object");
      }
      answer.root(parser);
    }
    return answer;
  }

  /** Whether it says anything: content, reasoning, a tool call. */
  boolean content() {
    return content;
  }

  /** Tokens of content, estimated at 4 characters each; at least 1 where there is any. */
  int tokens() {
    return content ? Math.max(1, characters / CHARACTERS_PER_TOKEN) : 0;
  }

  private void root(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "error" -> error(parser, value);
        case "choices" -> choices(parser, value);
        case "data" -> {
          choices = true;
          parser.skipChildren();
        }
        case "usage" -> usage(parser, value);
        default -> parser.skipChildren();
      }
    }
  }

  private void error(JsonParser parser, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    error = value == JsonToken.VALUE_STRING ? parser.getText() : "error";
    if (value == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING && name.equals("message")) {
          error = parser.getText();
        } else {
          parser.skipChildren();
        }
      }
    } else {
      parser.skipChildren();
    }
  }

  private void choices(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      choices = true;
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        choice(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void choice(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "delta", "message" -> said(parser, value);
        case "text" -> words(parser, value);
        case "finish_reason" -> {
          if (value == JsonToken.VALUE_STRING) {
            finishReason = parser.getText();
          }
          parser.skipChildren();
        }
        default -> parser.skipChildren();
      }
    }
  }

  /** Whatever a delta has besides a role is content: also what later versions add. */
  private void said(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken member = parser.nextToken();
      if (name.equals("role")) {
        parser.skipChildren();
      } else {
        words(parser, member);
      }
    }
  }

  private void words(JsonParser parser, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_STRING) {
      int length = parser.getTextLength();
      content |= length > 0;
      characters += length;
    } else if (value == JsonToken.START_ARRAY || value == JsonToken.START_OBJECT) {
      int depth = 1;
      boolean empty = true;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        empty &= depth == 0;
        characters += token == JsonToken.VALUE_STRING ? parser.getTextLength() : 0;
      }
      content |= !empty;
    }
  }

  private void usage(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    int prompt = 0;
    int cached = 0;
    int completion = 0;
    int reasoning = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "prompt_tokens" -> prompt = count(parser);
        case "completion_tokens" -> completion = count(parser);
        case "prompt_cache_hit_tokens" -> cached = Math.max(cached, count(parser));
        case "prompt_tokens_details" -> cached = Math.max(cached, member(parser, "cached_tokens"));
        case "completion_tokens_details" -> reasoning = member(parser, "reasoning_tokens");
        default -> parser.skipChildren();
      }
    }
    usage = new Usage(prompt, cached, completion, reasoning);
  }

  private static int member(JsonParser parser, String wanted) throws IOException {
    int found = 0;
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(wanted)) {
          found = count(parser);
        } else {
          parser.skipChildren();
        }
      }
    } else {
      parser.skipChildren();
    }
    return found;
  }

  private static int count(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      return Math.clamp(parser.getValueAsLong(), 0, Integer.MAX_VALUE);
    }
    parser.skipChildren();
    return 0;
  }
}
