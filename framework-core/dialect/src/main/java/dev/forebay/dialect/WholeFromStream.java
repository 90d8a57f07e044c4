package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer, put together from the events of a recorded stream as OpenAI's clients do it: what
 * a delta says is appended to what was said, parts with an index (tool calls) are put together by
 * it. Where an event is not understood, or a choice has no end, there is no whole answer: a guess
 * would be stored for an hour. Nor is there one if it would be larger than {@value
 * WholeParser#MAX_CONVERTED} bytes: it is written in one turn of an event loop.
 */
final class WholeFromStream {

  /** Texts that name something: said once, or again and again, but never in pieces. */
  private static final Set<String> NAMES = Set.of("role", "id", "type", "name", "object", "format");

  /** What a stream has and a whole answer has not. */
  private static final Set<String> OF_STREAMS = Set.of("choices", "object", "obfuscation", "usage");

  /** Parts with an index that one list may have: each is looked for among them. */
  private static final int MAX_PARTS = 128;

  /** Elements of all lists of one event. */
  private static final int MAX_ELEMENTS = 10_000;

  private final boolean chat;
  private final JsonObject head = new JsonObject();
  private final Map<Integer, JsonObject> choices = new TreeMap<>();
  private @Nullable JsonObject usage;
  private int tokens;
  private int elements;
  private boolean grew;
  private long kept;

  WholeFromStream(Operation operation) {
    this.chat = operation == Operation.CHAT;
  }

  /**
   * The whole answer.
   *
   * @param used what it used, if the stream itself does not say
   * @return null where the stream is not understood
   */
  static @Nullable Chunk of(Operation operation, List<Chunk> stream, Usage used) {
    WholeFromStream whole = new WholeFromStream(operation);
    for (Chunk chunk : stream) {
      if (!whole.read(chunk)) {
        return null;
      }
    }
    return whole.made(used);
  }

  /** Takes a chunk; false if it is not understood. */
  boolean read(Chunk chunk) {
    if (chunk.kind() == Chunk.Kind.WAITING) {
      return true;
    }
    if (chunk.data().length() > WholeParser.MAX_CONVERTED) {
      return false;
    }
    elements = 0;
    grew = false;
    JsonObject event = Events.json(chunk.data());
    if (event == null) {
      return chunk.last(); // [DONE]; anything else without an object is not understood
    }
    String object = event.getValue("object") instanceof String name ? name : "";
    boolean known =
        object.isEmpty() || object.equals(chat ? "chat.completion.chunk" : "text_completion");
    if (!known || event.getValue("error") != null) {
      return false;
    }
    if (event.getValue("usage") instanceof JsonObject told) {
      usage = told;
    }
    if (event.getValue("choices") == null) {
      return true; // a ping, or the usage
    }
    if (!(event.getValue("choices") instanceof JsonArray said)) {
      return false;
    }
    tokens += chunk.tokens();
    for (String name : event.fieldNames()) {
      if (!OF_STREAMS.contains(name) && head.getValue(name) == null) {
        head.put(name, event.getValue(name));
        grew = true;
      }
    }
    for (Object each : said) {
      if (!(each instanceof JsonObject choice) || !choice(choice)) {
        return false;
      }
    }
    kept += grew ? chunk.data().length() : 0; // appended text has been counted
    return elements <= MAX_ELEMENTS && kept <= WholeParser.MAX_CONVERTED;
  }

  private boolean choice(JsonObject choice) {
    Integer index =
        choice.getValue("index") instanceof Integer number ? number : Integer.valueOf(0);
    JsonObject whole =
        choices.computeIfAbsent(index, absent -> new JsonObject().put("index", index));
    for (Map.Entry<String, Object> member : choice) {
      String name = member.getKey();
      if (name.equals("delta")) {
        if (!(member.getValue() instanceof JsonObject delta)) {
          return false;
        }
        merge(child(whole, "message"), delta);
      } else if (!name.equals("index")) {
        put(whole, name, member.getValue());
      }
    }
    return true;
  }

  private static JsonObject child(JsonObject parent, String name) {
    if (parent.getValue(name) instanceof JsonObject there) {
      return there;
    }
    JsonObject made = new JsonObject();
    parent.put(name, made);
    return made;
  }

  private void merge(JsonObject into, JsonObject delta) {
    delta.forEach(member -> put(into, member.getKey(), member.getValue()));
  }

  private void put(JsonObject into, String name, @Nullable Object value) {
    Object before = into.getValue(name);
    if (value == null) {
      into.put(name, before);
    } else if (before instanceof StringBuilder said && value instanceof String more) {
      kept += more.length();
      said.append(more);
    } else if (before instanceof String said && value instanceof String more && piece(name)) {
      StringBuilder all = new StringBuilder(said); // an answer has thousands of pieces
      kept += more.length();
      all.append(more);
      into.put(name, all);
    } else if (value instanceof JsonObject more) {
      merge(child(into, name), more);
    } else if (value instanceof JsonArray more) {
      JsonArray list = before instanceof JsonArray there ? there : new JsonArray();
      into.put(name, list);
      more.forEach(element -> add(list, element));
    } else {
      grew |= before == null;
      into.put(name, value);
    }
  }

  private static boolean piece(String name) {
    return !NAMES.contains(name) && !name.equals("finish_reason");
  }

  /** Parts with an index are put together, others follow one another. */
  private void add(JsonArray list, Object element) {
    if (++elements > MAX_ELEMENTS) {
      return; // not understood: it is made in one turn of an event loop
    }
    if (element instanceof JsonObject part && part.getValue("index") instanceof Integer index) {
      if (list.size() > MAX_PARTS) {
        elements = MAX_ELEMENTS + 1;
        return;
      }
      for (Object each : list) {
        if (each instanceof JsonObject there && index.equals(there.getValue("index"))) {
          merge(there, part);
          return;
        }
      }
    }
    grew = true;
    list.add(element instanceof JsonObject object ? object.copy() : element);
  }

  /** The whole answer, after the last chunk; null if it has no end. */
  @Nullable Chunk made(Usage used) {
    if (choices.isEmpty()) {
      return null;
    }
    JsonArray said = new JsonArray();
    for (JsonObject choice : choices.values()) {
      boolean ended = choice.getValue("finish_reason") instanceof String;
      if (!ended || (chat && !(choice.getValue("message") instanceof JsonObject))) {
        return null;
      }
      said.add(chat ? message(choice) : choice);
    }
    JsonObject whole = new JsonObject();
    put(whole, "id", head.remove("id"));
    whole.put("object", chat ? "chat.completion" : "text_completion");
    whole.mergeIn(head).put("choices", said);
    JsonObject told = usage;
    if (told == null && Events.known(used)) {
      told = Events.usage(used);
    }
    if (told != null) {
      whole.put("usage", told);
    }
    return Chunk.whole(((JsonObject) joined(whole)).toBuffer(), tokens);
  }

  /** With texts in the place of their builders. */
  private static Object joined(Object value) {
    if (value instanceof JsonObject object) {
      object.getMap().replaceAll((name, member) -> member == null ? null : joined(member));
    } else if (value instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        Object member = array.getValue(i);
        array.set(i, member == null ? null : joined(member));
      }
    }
    return value instanceof StringBuilder text ? text.toString() : value;
  }

  private static JsonObject message(JsonObject choice) {
    JsonObject message = choice.getJsonObject("message");
    boolean calls = message.getValue("tool_calls") instanceof JsonArray;
    if (calls) {
      for (Object each : message.getJsonArray("tool_calls")) {
        if (each instanceof JsonObject call) {
          call.remove("index");
        }
      }
    }
    if (message.getValue("role") == null) {
      message.put("role", "assistant");
    }
    if (message.getValue("content") == null || (calls && "".equals(message.getValue("content")))) {
      message.putNull("content");
    }
    return choice;
  }
}
