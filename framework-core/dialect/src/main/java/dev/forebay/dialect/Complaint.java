package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an error of an upstream says, in whatever shape: its words, its codes and its message. */
final class Complaint {

  private static final int MAX_MESSAGE = 2000;
  private static final int MAX_WORD = 64;
  private static final int MAX_WORDS = 16;

  /** The first status of HTTP that it names, 400 to 599; 0 if it names none. */
  int status;

  /** Whether it has a number as its code that is no status of HTTP, nor says that all is well. */
  boolean number;

  /** Whether that number is above all statuses of HTTP: no server counts its successes so. */
  boolean large;

  /** Whether it has a word as its code that does not say that all is well. */
  boolean code;

  /** Codes and types in lower case, without what is no letter and no digit; the first counts. */
  final List<String> words = new ArrayList<>(4);

  /** Its first message; null if it has none. */
  @Nullable String message;

  /** Reads a member of an error, or of what may be one. */
  void member(String name, JsonParser value) throws IOException {
    switch (name) {
      case "code",
          "Code",
          "status",
          "status_code",
          "statusCode",
          "error_code",
          "http_code",
          "type" -> {
        int before = words.size();
        code(value);
        code |= words.size() > before && name.endsWith("ode");
      }
      case "reason", "error_type" -> word(text(value));
      case "message", "Message", "msg", "error_msg", "error_message", "detail" -> say(text(value));
      default -> {}
    }
  }

  /** Notes a message. */
  void say(String text) {
    if (message == null && !text.isEmpty()) {
      message = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text;
    }
  }

  private void code(JsonParser value) throws IOException {
    JsonToken token = value.currentToken();
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      number(value.getValueAsDouble());
    } else if (token == JsonToken.VALUE_STRING) {
      String text = text(value);
      if (text.matches("\\s*-?[0-9]{1,9}\\s*")) {
        number(Double.parseDouble(text));
      } else {
        word(text);
      }
    }
  }

  private void number(double number) {
    if (number >= 400 && number <= 599) {
      status = status == 0 ? (int) number : status;
    } else if (number != 0 && (number < 100 || number >= 400)) {
      this.number = true;
      large |= number > 599;
      word(Long.toString((long) number));
    }
  }

  /** Notes a code. */
  void word(String text) {
    if (words.size() < MAX_WORDS && text.length() <= MAX_WORD) {
      String plain = ErrorWords.word(text);
      if (!plain.isEmpty() && !plain.equals("success") && !plain.equals("ok")) {
        words.add(plain);
      }
    }
  }

  /** Whether it says anything. */
  boolean says() {
    return status > 0 || number || message != null || !words.isEmpty();
  }

  private static String text(JsonParser value) throws IOException {
    return value.currentToken() == JsonToken.VALUE_STRING ? value.getText() : "";
  }

  /** The first line of its message, for one line of a log; empty if it has none. */
  String line() {
    String said = message == null ? "" : message.strip();
    return said.lines().findFirst().orElse("");
  }
}
