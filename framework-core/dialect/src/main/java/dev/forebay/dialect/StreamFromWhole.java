package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Operation;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of a stream, made from a whole answer: for each choice its role, its text in pieces of
 * {@value #PIECE} characters or more, whatever else its message has, and its end; then the usage,
 * if it is wanted, and {@code [DONE]}. An answer that is not understood gives no stream, nor does
 * one whose events would take more than {@value #MAX_BYTES} bytes: each event repeats the members
 * that stand beside the choices. It is all made in one turn of an event loop.
 */
final class StreamFromWhole {

  /** Characters of a piece of text; a character outside the basic plane is never cut. */
  static final int PIECE = 32;

  /** Pieces of all texts, about: those of a long answer are longer. */
  static final int MOST_PIECES = 1024;

  /** Choices: each has some events beside its text. */
  static final int MOST_CHOICES = 1024;

  /** Bytes of all events together. */
  static final int MAX_BYTES = 8 << 20;

  private static final Set<String> OF_MESSAGES =
      Set.of("index", "message", "text", "finish_reason", "logprobs");

  private final boolean chat;
  private final JsonObject whole;
  private final JsonObject head;
  private final int length;
  private final List<Piece> pieces = new ArrayList<>();

  private StreamFromWhole(boolean chat, JsonObject whole, int bytes) {
    this.chat = chat;
    this.whole = whole;
    this.length = Math.max(PIECE, bytes / MOST_PIECES);
    this.head = new JsonObject();
    for (Map.Entry<String, Object> member : whole) {
      if (!member.getKey().equals("choices") && !member.getKey().equals("usage")) {
        head.put(member.getKey(), member.getValue());
      }
    }
    head.put("object", chat ? "chat.completion.chunk" : "text_completion");
  }

  /** An event on its way: what kind it is, and its only choice. */
  private record Piece(Chunk.Kind kind, JsonObject choice) {}

  /**
   * The stream.
   *
   * @param usage whether it is to end with what was used
   * @return null where the answer is not understood
   */
  static @Nullable List<Chunk> of(Operation operation, Chunk answer, boolean usage) {
    boolean chat = operation == Operation.CHAT;
    if (!chat && operation != Operation.COMPLETION) {
      return null;
    }
    JsonObject whole = JsonSource.answer(answer.data().getBytes());
    if (whole == null) {
      return null;
    }
    StreamFromWhole stream = new StreamFromWhole(chat, whole, answer.data().length());
    return stream.read() ? stream.chunks(answer.tokens(), usage) : null;
  }

  private boolean read() {
    Object object = whole.getValue("object");
    boolean known = object == null || object.equals(chat ? "chat.completion" : "text_completion");
    if (!known
        || whole.getValue("error") != null
        || !(whole.getValue("choices") instanceof JsonArray choices)
        || choices.size() > MOST_CHOICES) {
      return false;
    }
    for (Object each : choices) {
      if (!(each instanceof JsonObject choice) || !choice(choice)) {
        return false;
      }
    }
    return !choices.isEmpty();
  }

  private boolean choice(JsonObject choice) {
    if (!choice.containsKey("finish_reason")) {
      choice.put("finish_reason", "stop"); // its server never says why an answer ended
    }
    if (!(choice.getValue("finish_reason") instanceof String)) {
      return false;
    }
    if (!chat) {
      text(choice);
    } else if (!(choice.getValue("message") instanceof JsonObject message)
        || !message(choice, message)) {
      return false;
    }
    JsonObject end = at(choice).put("finish_reason", choice.getValue("finish_reason"));
    for (Map.Entry<String, Object> more : choice) {
      if (!OF_MESSAGES.contains(more.getKey())) {
        end.put(more.getKey(), more.getValue());
      }
    }
    pieces.add(
        new Piece(
            Chunk.Kind.TRAILER, chat ? end.put("delta", new JsonObject()) : end.put("text", "")));
    return true;
  }

  private void text(JsonObject choice) {
    Object logprobs = choice.getValue("logprobs");
    for (String piece : pieces(choice.getValue("text"))) {
      pieces.add(
          new Piece(Chunk.Kind.CONTENT, at(choice).put("text", piece).put("logprobs", logprobs)));
      logprobs = null;
    }
  }

  private boolean message(JsonObject choice, JsonObject message) {
    Object content = message.getValue("content");
    JsonObject opening = new JsonObject().put("role", message.getValue("role", "assistant"));
    delta(choice, Chunk.Kind.PRELUDE, opening.put("content", content == null ? null : ""), null);
    Object logprobs = choice.getValue("logprobs");
    for (String name : List.of("reasoning_content", "content")) {
      for (String piece : pieces(message.getValue(name))) {
        boolean first = name.equals("content");
        delta(
            choice, Chunk.Kind.CONTENT, new JsonObject().put(name, piece), first ? logprobs : null);
        logprobs = first ? null : logprobs;
      }
    }
    JsonObject rest = message.copy();
    List.of("role", "content", "reasoning_content").forEach(rest::remove);
    rest.getMap().values().removeIf(value -> value == null);
    if (rest.getValue("tool_calls") instanceof JsonArray calls) {
      for (int i = 0; i < calls.size(); i++) {
        if (!(calls.getValue(i) instanceof JsonObject call)) {
          return false;
        }
        call.put("index", i);
      }
    }
    if (!rest.isEmpty()) {
      delta(choice, Chunk.Kind.CONTENT, rest, logprobs);
    }
    return true;
  }

  private void delta(
      JsonObject choice, Chunk.Kind kind, JsonObject delta, @Nullable Object logprobs) {
    JsonObject said = at(choice).put("delta", delta).put("logprobs", logprobs);
    pieces.add(new Piece(kind, said.putNull("finish_reason")));
  }

  private static JsonObject at(JsonObject choice) {
    return new JsonObject().put("index", choice.getValue("index", 0));
  }

  private Buffer event(JsonArray choices, @Nullable Object usage) {
    JsonObject event = new JsonObject(new LinkedHashMap<>(head.getMap())).put("choices", choices);
    return Events.event(usage == null ? event : event.put("usage", usage));
  }

  private List<String> pieces(@Nullable Object text) {
    if (!(text instanceof String all)) {
      return List.of();
    }
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (from < all.length()) {
      int to = Math.min(all.length(), from + length);
      boolean cuts =
          to < all.length() && Character.isSurrogatePair(all.charAt(to - 1), all.charAt(to));
      to = cuts ? to + 1 : to;
      pieces.add(all.substring(from, to));
      from = to;
    }
    return pieces;
  }

  /** Tokens are spread evenly over the content, so that their sum stays. */
  private @Nullable List<Chunk> chunks(int tokens, boolean usage) {
    long contents = pieces.stream().filter(piece -> piece.kind() == Chunk.Kind.CONTENT).count();
    List<Chunk> chunks = new ArrayList<>();
    long place = 0;
    long bytes = 0;
    for (Piece piece : pieces) {
      boolean content = piece.kind() == Chunk.Kind.CONTENT;
      long before = contents == 0 ? 0 : tokens * place / contents;
      place += content ? 1 : 0;
      long after = contents == 0 ? 0 : tokens * place / contents;
      Buffer event = event(new JsonArray().add(piece.choice()), null);
      bytes += event.length();
      if (bytes > MAX_BYTES) {
        return null;
      }
      chunks.add(new Chunk(event, piece.kind(), (int) (after - before), false));
    }
    if (usage && whole.getValue("usage") instanceof JsonObject used) {
      chunks.add(new Chunk(event(new JsonArray(), used), Chunk.Kind.TRAILER, 0, false));
    }
    chunks.add(Events.DONE);
    return chunks;
  }
}
