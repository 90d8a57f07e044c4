package dev.forebay.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.dialect.JsonSource;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the usage of a stream, by splicing {@code stream_options.include_usage} into the body:
 * the one rewrite of a body that there is. All other bytes stay as they are, since a body that is
 * serialised anew loses the provider's own prefix cache; the insertion comes at the end, where the
 * caller has no {@code stream_options}. A body that cannot be read for certain (other encodings,
 * the member twice) stays as it is.
 */
final class UsageQuestion {

  private static final String NAME = "stream_options";
  private static final String MEMBER = "include_usage";

  private final byte[] body;
  private int from = -1;
  private int to;
  private String insertion = "";
  private boolean given;
  private boolean unsure;

  private UsageQuestion(byte[] body) {
    this.body = body;
  }

  /** The body that asks; null where it asks already, or cannot be changed for certain. */
  static @Nullable Buffer ask(Buffer body) {
    UsageQuestion question = new UsageQuestion(body.getBytes());
    if (question.mayNameIt()) {
      question.look();
    }
    if (question.unsure) {
      return null;
    }
    if (!question.given) {
      return Splice.atTheEnd(question.body, "\"stream_options\":{\"include_usage\":true}");
    }
    return question.from < 0 ? null : question.spliced();
  }

  /** Looking closely costs a pass of the JSON reader: mostly the name is not there at all. */
  private boolean mayNameIt() {
    return Splice.mayContain(body, NAME);
  }

  private void look() {
    try (JsonParser parser = JsonSource.positions(body)) {
      unsure = parser.nextToken() != JsonToken.START_OBJECT;
      while (!unsure && parser.nextToken() != JsonToken.END_OBJECT) {
        boolean options = NAME.equals(parser.currentName());
        JsonToken value = parser.nextToken();
        if (options) {
          unsure = given; // twice
          given = true;
          options(parser, value);
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      unsure = true;
    }
  }

  private void options(JsonParser parser, JsonToken value) throws IOException {
    int at = at(parser);
    if (value == JsonToken.VALUE_NULL) {
      splice(at, at + 4, "{\"include_usage\":true}", (byte) 'n');
    } else if (value != JsonToken.START_OBJECT) {
      unsure = true;
    } else {
      members(parser, at);
    }
  }

  private void members(JsonParser parser, int open) throws IOException {
    boolean empty = true;
    boolean said = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      boolean wanted = MEMBER.equals(parser.currentName());
      JsonToken value = parser.nextToken();
      if (wanted) {
        unsure |= said;
        said = true;
        change(parser, value);
      }
      parser.skipChildren();
      empty = false;
    }
    if (!said) {
      splice(
          open + 1, open + 1, empty ? "\"include_usage\":true" : "\"include_usage\":true,", null);
      unsure |= open < 0 || body[open] != '{';
    }
  }

  private void change(JsonParser parser, JsonToken value) {
    int at = at(parser);
    switch (value) {
      case VALUE_TRUE -> {}
      case VALUE_FALSE -> splice(at, at + 5, "true", (byte) 'f');
      case VALUE_NULL -> splice(at, at + 4, "true", (byte) 'n');
      default -> unsure = true;
    }
  }

  private void splice(int begin, int end, String text, @Nullable Byte expected) {
    unsure |= begin < 0 || end > body.length || (expected != null && body[begin] != expected);
    from = begin;
    to = end;
    insertion = text;
  }

  private Buffer spliced() {
    return Splice.of(body, from, to, insertion);
  }

  private static int at(JsonParser parser) {
    return JsonSource.begin(parser);
  }
}
