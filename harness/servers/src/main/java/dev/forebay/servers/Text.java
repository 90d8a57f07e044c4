package dev.forebay.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The text of a scripted answer.
 *
 * @param name what is odd about it
 * @param status of the response
 * @param type its content type; empty for none
 * @param body its text
 * @param meant bytes of it after which nothing is missing, unless an error follows
 */
record Text(String name, int status, String type, String body, int meant, Verdict verdict) {

  private static final String JSON = "application/json";
  private static final String SSE = "text/event-stream";

  /** Draws one: the right answer to a question, or with an oddity of those that are allowed. */
  static Text draw(Question question, RandomGenerator chance, Set<Oddity> allowed) {
    Oddity[] all = Oddity.values();
    Oddity odd = chance.nextInt(4) == 0 ? all[chance.nextInt(all.length)] : null;
    return odd == null || !allowed.contains(odd)
        ? new Writer(question, chance, null).right(Verdict.GOOD)
        : new Writer(question, chance, odd).odd(odd);
  }

  /** Another question's answer, in the form that this one is asked in. */
  static Text foreign(Question question, RandomGenerator chance) {
    Question other = new Question(Question.FOREIGN + chance.nextInt(1000), question.stream(), 1);
    return new Writer(other, chance, null).right(Verdict.GOOD);
  }

  /** Writes one answer. */
  private static final class Writer {
    private final Question question;
    private final RandomGenerator chance;
    private final @Nullable Oddity odd;
    private final StringBuilder text = new StringBuilder();
    private boolean stream;

    Writer(Question question, RandomGenerator chance, @Nullable Oddity odd) {
      this.question = question;
      this.chance = chance;
      this.odd = odd;
      this.stream = question.stream();
    }

    Text odd(Oddity odd) {
      return switch (odd) {
        case ERROR_STATUS -> errorStatus();
        case ERROR_INSTEAD -> instead("{\"error\":{\"message\":\"no\",\"code\":\"busy\"}}");
        case CODE_INSTEAD -> instead("{\"code\":50505,\"message\":\"no\",\"data\":null}");
        case EMPTY -> of(200, stream ? SSE : JSON, 0, Verdict.BROKEN);
        case WRONG_LABEL -> labelled();
        case OTHER_FORM -> otherForm();
        case UNKNOWN_REASON -> right(Verdict.EITHER);
        case NO_DONE -> right(Verdict.GOOD);
        case ONE_OVERLOADED, ONE_UNFINISHED ->
            right(question.choices() == 2 && known() ? Verdict.BROKEN : Verdict.GOOD);
        case NO_REASON, NAMED_ERROR, ERROR_AFTER_CONTENT, CODE_AFTER_CONTENT ->
            right(stream ? Verdict.BROKEN : Verdict.GOOD);
        case OVERLOADED, MALFORMED -> right(Verdict.BROKEN);
      };
    }

    /** A whole answer with an unfinished choice is none that anybody makes. */
    private boolean known() {
      return stream || odd == Oddity.ONE_OVERLOADED;
    }

    Text right(Verdict verdict) {
      if (stream) {
        stream();
      } else {
        whole();
      }
      int meant = text.length();
      if (!stream && chance.nextBoolean()) {
        text.append('\n');
      }
      int finish = text.lastIndexOf("\"finish_reason\":\"");
      if (stream && finish >= 0) {
        meant = text.indexOf("\n\n", finish);
      }
      return of(200, stream ? SSE : JSON, meant, verdict);
    }

    private void whole() {
      text.append("{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[");
      for (int i = 0; i < question.choices(); i++) {
        text.append(i == 0 ? "" : ",")
            .append("{\"index\":")
            .append(i)
            .append(",\"message\":{\"role\":\"assistant\",\"content\":\"")
            .append(question.answer(i))
            .append("\"},\"finish_reason\":\"")
            .append(reason(i))
            .append("\"}");
      }
      text.append("],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}");
      if (odd == Oddity.MALFORMED) {
        int from = 1 + chance.nextInt(text.length() / 2);
        text.delete(from, text.length() - 1 - chance.nextInt(8));
        text.append('[');
      }
    }

    private String reason(int choice) {
      boolean overloaded =
          odd == Oddity.OVERLOADED
              || (odd == Oddity.ONE_OVERLOADED && choice == 0 && question.choices() == 2);
      return overloaded
          ? "insufficient_system_resource"
          : odd == Oddity.UNKNOWN_REASON ? "tired" : chance.nextInt(8) == 0 ? "length" : "stop";
    }

    private void stream() {
      List<String> events = new ArrayList<>();
      boolean two = question.choices() == 2;
      int unfinished = odd == Oddity.ONE_UNFINISHED && two ? chance.nextInt(2) : -1;
      for (int i = 0; i < question.choices(); i++) {
        if (chance.nextBoolean()) {
          events.add(delta(i, "\"role\":\"assistant\",\"content\":\"\"", "null"));
        }
        String content = question.answer(i);
        for (int from = 0; from < content.length(); ) {
          int to = Math.min(content.length(), from + 1 + chance.nextInt(40));
          events.add(delta(i, "\"content\":\"" + content.substring(from, to) + "\"", "null"));
          from = to;
        }
        if (i != unfinished && odd != Oddity.NO_REASON) {
          events.add(delta(i, "", "\"" + reason(i) + "\""));
        }
      }
      breakOff(events);
      for (String event : events) {
        if (chance.nextInt(10) == 0) {
          text.append(": keep-alive\n\n");
        }
        text.append(event);
      }
      if (chance.nextBoolean()) {
        text.append(
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n");
      }
      if (odd != Oddity.NO_DONE && (odd != Oddity.ONE_UNFINISHED || chance.nextBoolean())) {
        text.append("data: [DONE]\n\n");
      }
    }

    /** Puts what is wrong after content. */
    private void breakOff(List<String> events) {
      int at = 1 + chance.nextInt(events.size());
      if (odd == Oddity.ERROR_AFTER_CONTENT) {
        events.add(at, "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}\n\n");
      } else if (odd == Oddity.NAMED_ERROR) {
        events.add(at, "event: error\ndata: {\"message\":\"no\"}\n\n");
      } else if (odd == Oddity.CODE_AFTER_CONTENT) {
        events.add(
            at,
            chance.nextBoolean()
                ? "data: {\"object\":\"error\",\"message\":\"no\",\"code\":500}\n\n"
                : "data: {\"code\":50505,\"message\":\"no\"}\n\n");
      } else if (odd == Oddity.MALFORMED) {
        events.add(at, "data: {\"choices\":[{\"index\":0,\n\n");
      }
    }

    private static String delta(int choice, String delta, String reason) {
      return "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":"
          + choice
          + ",\"delta\":{"
          + delta
          + "},\"finish_reason\":"
          + reason
          + "}]}\n\n";
    }

    private Text errorStatus() {
      int[] statuses = {400, 408, 409, 413, 422, 500, 502, 503, 504, 529, 302};
      int status = statuses[chance.nextInt(statuses.length)];
      String[] bodies = {"", "{\"error\":{\"message\":\"no\"}}", "<html>no</html>", "no"};
      text.append(bodies[chance.nextInt(bodies.length)]);
      return of(status, chance.nextBoolean() ? JSON : "text/html", 0, Verdict.BROKEN);
    }

    private Text instead(String error) {
      boolean event = stream && chance.nextBoolean();
      text.append(event ? "data: " + error + "\n\ndata: [DONE]\n\n" : error);
      return of(200, event ? SSE : JSON, 0, Verdict.BROKEN);
    }

    private Text labelled() {
      Text right = right(Verdict.EITHER);
      String[] types = {"", "text/plain", "text/html", "application/octet-stream", JSON, SSE};
      String type = types[chance.nextInt(types.length)];
      return new Text(right.name, 200, type, right.body, right.meant, Verdict.EITHER);
    }

    private Text otherForm() {
      stream = !stream;
      return right(Verdict.EITHER);
    }

    private Text of(int status, String type, int meant, Verdict verdict) {
      return new Text(
          odd == null ? "right" : odd.name(), status, type, text.toString(), meant, verdict);
    }
  }
}
