package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of an error: in a member {@code error}, which makes it one, and elsewhere,
 * where servers write what only looks like one.
 */
final class ErrorMembers {

  private static final int ROOT = 1;
  private static final int CHOICE = 3;
  private static final int SAID = 4;

  private final JsonParser parser;
  private final String[] names;
  private @Nullable Complaint complaint;
  private @Nullable Complaint suspicion;
  private boolean named;
  private boolean failed;
  private boolean emptyError;
  private boolean harmless;

  /**
   * Nothing as yet.
   *
   * @param names of the members that are open, by their depth
   */
  ErrorMembers(JsonParser parser, String[] names) {
    this.parser = parser;
    this.names = names;
  }

  /**
   * The error; null if it is none: see {@link Answer#complaint}.
   *
   * @param choices that the answer has
   * @param more whether it has other data
   */
  @Nullable Complaint complaint(boolean event, int choices, boolean more) {
    Complaint told = complaint;
    Complaint guess = suspicion;
    if (told == null && emptyError && choices == 0 && !more && !harmless) {
      return new Complaint(); // nothing but the error
    }
    if (told != null && (choices == 0 || told.says())) {
      return told;
    }
    if (event) {
      return guess == null ? new Complaint() : guess;
    }
    if (guess == null) {
      return null;
    }
    boolean sure = failed || guess.status > 0 || guess.words.stream().anyMatch(ErrorWords::means);
    boolean error =
        choices > 0
            ? sure || guess.large
            : sure || named || guess.number || (guess.message != null && (guess.code || !harmless));
    return error ? guess : null;
  }

  /** A member {@code error} of the root begins. */
  void opened(boolean object) {
    emptyError |= object;
  }

  /** A member {@code detail} of the root begins. */
  void detailOpened() {
    named = true;
    suspicion();
  }

  /** A member of the root. */
  void ofRoot(JsonToken token) throws IOException {
    String text = token == JsonToken.VALUE_STRING ? parser.getText() : "";
    switch (names[ROOT]) {
      case "error", "errors" -> told(token);
      case "success" -> failed(token == JsonToken.VALUE_FALSE);
      case "object", "type" -> {
        failed(text.equals("error"));
        harmless |= !text.isEmpty() && !text.equals("error");
        if (names[ROOT].equals("type") && ErrorWords.means(ErrorWords.word(text))) {
          suspicion().member("type", parser);
        }
      }
      case "id", "event" -> harmless |= !text.isEmpty();
      case "status" -> {
        failed(text.equals("error") || text.equals("failed"));
        harmless |= !text.isEmpty();
        suspicion().member("status", parser);
      }
      case "code", "status_code", "statusCode", "error_code", "http_code" -> {
        Complaint code = suspicion();
        code.member(names[ROOT], parser);
        harmless |= token != JsonToken.VALUE_NULL && !code.says();
      }
      case "message", "msg", "error_msg", "error_message", "detail" ->
          suspicion().member(names[ROOT], parser);
      default -> {}
    }
  }

  private void failed(boolean error) {
    if (error) {
      failed = true;
      suspicion();
    }
  }

  /** An error that is no object. An empty one says that there is none. */
  void told(JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING && !parser.getText().isBlank()) {
      told().say(parser.getText());
    } else if (token == JsonToken.VALUE_TRUE || token.isNumeric()) {
      told().member("code", parser);
    }
  }

  /** Within an error, or the details of one; Minimax's {@code base_resp} is one, too. */
  void inside(JsonToken token, int depth, boolean inChoices) throws IOException {
    if (token == JsonToken.VALUE_NULL || depth >= names.length) {
      return;
    }
    String name = names[depth];
    if (names[ROOT].equals("error")) {
      ofToldError(name, depth);
    } else if (names[ROOT].equals("errors")) {
      if (depth == 2 && name.isEmpty()) {
        told(token);
      } else if (depth == CHOICE && names[2].isEmpty()) {
        told().member(name, parser);
      }
    } else if (depth == SAID && inChoices && names[CHOICE].equals("error")) {
      told().member(name, parser);
    } else if (depth == 2 && names[ROOT].equals("base_resp")) {
      if (name.equals("status_code") && parser.getValueAsInt() != 0) {
        suspicion().word("minimax" + parser.getText()); // its codes are words of its own
      }
      suspicion().member(name.equals("status_msg") ? "message" : name, parser);
      harmless = true; // it says so of good answers, too
    } else if (names[ROOT].equals("detail")
        && (depth == 2 || (depth == CHOICE && names[2].isEmpty()))) {
      suspicion().member(name.isEmpty() ? "detail" : name, parser);
    }
  }

  /** A member of an error; deeper down only what does not repeat the request. */
  private void ofToldError(String name, int depth) throws IOException {
    Complaint error = told();
    boolean detail = depth == SAID && names[2].equals("details") && names[CHOICE].isEmpty();
    if (depth == 2 || (detail && name.equals("reason"))) {
      error.member(name, parser);
    } else if (depth == CHOICE && names[2].equals("metadata") && name.equals("flagged_input")) {
      error.word(name);
    }
  }

  private Complaint told() {
    Complaint made = complaint;
    if (made == null) {
      made = new Complaint();
      complaint = made;
    }
    return made;
  }

  private Complaint suspicion() {
    Complaint made = suspicion;
    if (made == null) {
      made = new Complaint();
      suspicion = made;
    }
    return made;
  }
}
