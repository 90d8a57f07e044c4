package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Usage;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a whole answer, or of one event of a stream: found token by token, without a
 * tree, so that an answer may come in pieces of any size.
 *
 * <p>A value is known by the names on the way to it. Four levels are enough: the answer, a choice,
 * its message, a part of that.
 */
final class Answer {

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int LEVELS = 6;
  private static final int ROOT = 1;
  private static final int CHOICE = 3;
  private static final int SAID = 4;

  private final JsonParser parser;
  private final Choices all;
  private final String[] names = new String[LEVELS];
  private int depth;
  private boolean complete;

  private int choices;
  private boolean data;
  private boolean content;
  private int characters;
  private @Nullable String failedBy;
  private @Nullable Usage usage;
  private boolean ofChoices;

  private final ErrorMembers errors;

  private boolean finished;
  private int index;
  private boolean ended;
  private boolean reason;
  private boolean saying;
  private @Nullable Counts counts;
  private int countsDepth;

  /**
   * An answer that is read from a parser.
   *
   * @param all takes what it says of choices
   */
  Answer(JsonParser parser, Choices all) {
    this.parser = parser;
    this.all = all;
    this.errors = new ErrorMembers(parser, names);
    Arrays.fill(names, "");
  }

  /**
   * Reads a JSON object.
   *
   * @param mostValues values that it may have
   * @throws IOException if it is none, or has too many
   */
  static Answer read(byte[] json, Choices all, int mostValues) throws IOException {
    try (JsonParser parser = JsonSource.ANSWERS.createParser(json)) {
      Answer answer = new Answer(parser, all);
      int left = mostValues;
      while (!answer.complete) {
        JsonToken token = parser.nextToken();
        if (token == null || --left < 0) {
          throw new IOException(token == null ? "no JSON object" : "too many values");
        }
        answer.take(token);
      }
      return answer;
    }
  }

  /**
   * Reads what is to be one JSON object in UTF-8, and blanks.
   *
   * @throws IOException if it is none, or something follows it
   */
  static Answer whole(byte[] json, Choices all) throws IOException {
    try (JsonParser parser = JsonSource.ANSWERS.createParser(json)) {
      Answer answer = new Answer(parser, all);
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        answer.take(token);
      }
      return answer;
    }
  }

  /** Whether its last bracket was read. */
  boolean complete() {
    return complete;
  }

  /** How many choices it has. */
  int choices() {
    return choices;
  }

  /** Whether it has data, as embeddings have. */
  boolean data() {
    return data;
  }

  /** What it used; null if it does not say. */
  @Nullable Usage usage() {
    return usage;
  }

  /** Whether it says what was used, and has no choices. */
  boolean usageOnly() {
    return usage != null && choices == 0;
  }

  /** Whether it says anything: content, reasoning, a tool call. */
  boolean content() {
    return content;
  }

  /** Tokens of content, estimated at 4 characters each; at least 1 if there is any. */
  int tokens() {
    return content ? Math.max(1, characters / CHARACTERS_PER_TOKEN) : 0;
  }

  /** What a chunk with this event carries. */
  Chunk.Kind kind() {
    if (content) {
      return Chunk.Kind.CONTENT;
    }
    return finished || usageOnly() ? Chunk.Kind.TRAILER : Chunk.Kind.PRELUDE;
  }

  /** A finish reason that is a failure; null if there is none. */
  @Nullable String failedBy() {
    return failedBy;
  }

  /**
   * The error that it is; null if it is none. A member {@code error} makes it one. So does what
   * looks like an error elsewhere: beside choices a code or a status that says so; if there are no
   * choices, a message, too. Events of other kinds, such as a usage, a ping or an empty list, are
   * none.
   *
   * @param event whether the event that holds it is named an error
   */
  @Nullable Complaint complaint(boolean event) {
    return errors.complaint(event, choices, data || usage != null);
  }

  /** Takes the parser's next token. */
  void take(JsonToken token) throws IOException {
    switch (token) {
      case FIELD_NAME -> name(parser.currentName());
      case START_OBJECT, START_ARRAY -> opened(token);
      case END_OBJECT, END_ARRAY -> closed();
      default -> value(token);
    }
  }

  private void name(String name) {
    if (depth < LEVELS) {
      names[depth] = depth == ROOT && name.equals("Error") ? "error" : name;
    }
  }

  private boolean inChoices() {
    return names[ROOT].equals("choices");
  }

  private void opened(JsonToken token) throws IOException {
    if (depth == 0 && (complete || token != JsonToken.START_OBJECT)) {
      throw new IOException("no JSON object");
    }
    boolean object = token == JsonToken.START_OBJECT;
    if (saying && depth > SAID && !names[SAID].equals("role")) {
      content = true;
    } else if (depth == ROOT) {
      openedInRoot(object);
    } else if (depth == 2 && inChoices()) {
      choices++;
      index = choices - 1;
      ended = false;
      reason = false;
    } else if (depth == CHOICE && inChoices()) {
      saying = object && (names[CHOICE].equals("delta") || names[CHOICE].equals("message"));
    }
    depth++;
    name("");
    if (object && usageHere()) {
      counts = new Counts();
      countsDepth = depth;
    }
  }

  private void openedInRoot(boolean object) {
    switch (names[ROOT]) {
      case "data" -> data |= !object;
      case "error" -> errors.opened(object);
      case "detail" -> errors.detailOpened();
      case "choices" -> names[ROOT] = object ? "" : "choices";
      default -> {}
    }
  }

  /** Whether an object that has just begun is a usage: the answer's, Groq's, or a choice's. */
  private boolean usageHere() {
    return switch (depth) {
      case 2 -> names[ROOT].equals("usage");
      case 3 -> names[ROOT].equals("x_groq") && names[2].equals("usage");
      case 4 -> inChoices() && names[CHOICE].equals("usage");
      default -> false;
    };
  }

  private void closed() {
    depth--;
    Counts counted = counts;
    if (counted != null && depth < countsDepth) {
      counts = null;
      counted(counted.usage());
    }
    if (depth < SAID) {
      saying = false;
    }
    if (depth == 2 && inChoices()) {
      all.note(index, ended, reason);
      finished |= ended;
    }
    complete = depth == 0;
    if (complete && ofChoices) {
      merge(all.usage());
    }
  }

  private void counted(Usage used) {
    if (depth == CHOICE) {
      all.used(index, used);
      ofChoices = true; // they are added up when all of them have been read
      return;
    }
    merge(used);
  }

  private void merge(@Nullable Usage used) {
    Usage before = usage;
    usage = before == null || used == null ? used : Counts.merged(before, used);
  }

  private void value(JsonToken token) throws IOException {
    if (depth == 0) {
      throw new IOException("no JSON object");
    }
    Counts counting = counts;
    if (counting != null) {
      if (depth == countsDepth) {
        counting.member(names[depth], parser);
      } else if (depth == countsDepth + 1 && depth < LEVELS) {
        counting.detail(names[depth - 1], names[depth], parser);
      }
    } else if (saying) {
      said(token);
    } else if (depth == CHOICE && inChoices()) {
      ofChoice(token);
    } else if (depth == ROOT) {
      errors.ofRoot(token);
    } else {
      errors.inside(token, depth, inChoices());
    }
  }

  private void said(JsonToken token) throws IOException {
    if (names[SAID].equals("role")) {
      return;
    }
    int length = token == JsonToken.VALUE_STRING ? parser.getTextLength() : 0;
    content |= length > 0 || depth > SAID;
    characters += length;
  }

  private void ofChoice(JsonToken token) throws IOException {
    switch (names[CHOICE]) {
      case "text" -> {
        int length = token == JsonToken.VALUE_STRING ? parser.getTextLength() : 0;
        content |= length > 0;
        characters += length;
      }
      case "index" -> {
        long number = token == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsLong(-1) : -1;
        if (number > Choices.MAX_INDEX) {
          throw new IOException(
              "index: " + number + " (expected: up to " + Choices.MAX_INDEX + ")");
        }
        index = number < 0 ? index : (int) number;
      }
      case "finish_reason" -> {
        reason = true;
        String text = token == JsonToken.VALUE_STRING ? parser.getText() : "";
        ended = !text.isEmpty() && !text.equals("null"); // KoboldCpp writes it so
        if (ErrorWords.broken(text)) {
          failedBy = text;
        }
      }
      case "error" -> errors.told(token);
      default -> {}
    }
  }
}
