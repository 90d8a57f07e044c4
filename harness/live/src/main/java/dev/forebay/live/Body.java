package dev.forebay.live;

import java.nio.charset.StandardCharsets;

/**
 * The bytes of a request: a chat with one message, as long as the prompt of the trace at four bytes
 * per token, with equal text for equal blocks and prompts.
 */
final class Body {

  private static final int BYTES_PER_TOKEN = 4;
  private static final String FILLER = "lorem ipsum dolor sit amet consectetur adipiscing elit ";

  private Body() {}

  static byte[] of(Turn turn) {
    StringBuilder json = new StringBuilder(256 + BYTES_PER_TOKEN * turn.tokens());
    json.append("{\"model\":");
    quoted(json, turn.model());
    if (turn.user() != null) {
      json.append(",\"user\":");
      quoted(json, turn.user());
    }
    if (turn.most() > 0) {
      json.append(",\"max_tokens\":").append(turn.most());
    }
    if (turn.stream()) {
      json.append(",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    }
    json.append(",\"messages\":[{\"role\":\"user\",\"content\":\"");
    int end = json.length() + BYTES_PER_TOKEN * turn.tokens();
    text(json, turn, end);
    return json.append("\"}]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void text(StringBuilder json, Turn turn, int end) {
    int bytes = BYTES_PER_TOKEN * turn.block();
    for (long hash : turn.prefix()) {
      if (json.length() + bytes > end) {
        break;
      }
      fill(json.append(Long.toHexString(hash)).append(' '), json.length() + bytes, hash);
    }
    String own = turn.prompt();
    json.append(own, 0, Math.min(own.length(), Math.max(0, end - json.length())));
    fill(json, end, 0);
  }

  private static void fill(StringBuilder json, int end, long from) {
    int at = (int) Math.floorMod(from, (long) FILLER.length());
    while (json.length() < end) {
      int piece = Math.min(end - json.length(), FILLER.length() - at);
      json.append(FILLER, at, at + piece);
      at = 0;
    }
  }

  private static void quoted(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
