package dev.forebay.servers;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What a scripted upstream sends for one request.
 *
 * @param wire all that is sent, a byte for each character
 * @param end where the answer itself ends in them; what follows is nobody's
 * @param closes whether the upstream closes the connection then
 * @param reusable whether a client may use the connection for another request
 * @param early whether it is sent before the body of the request is read
 * @param name what it is, for people
 */
record Script(
    String wire,
    int end,
    boolean closes,
    boolean reusable,
    boolean early,
    Verdict verdict,
    String name) {

  private static final String CRLF = "\r\n";
  private static final int[] INTERIM = {100, 102, 103, 104, 199};

  /** How an answer says where it ends. */
  private enum Framing {
    LENGTH,
    CHUNKED,
    CLOSE,
    HTTP10,
    HTTP10_LENGTH,
    CLOSE_LENGTH,
    TWO_LENGTHS,
    LENGTH_LIST,
    LENGTH_AND_CHUNKED,
    CHUNKED_NOT_LAST,
    BAD_CHUNK,
    FOLDED,
    NAMELESS,
    BARE_LF,
    SWITCHING,
    NO_CONTENT,
    ODD_STATUS
  }

  /** Draws one. */
  static Script draw(Question question, RandomGenerator chance, Set<Oddity> allowed) {
    return new Writer(question, chance, Text.draw(question, chance, allowed)).write();
  }

  /** Writes one script. */
  private static final class Writer {
    private final Question question;
    private final RandomGenerator chance;
    private final Text text;
    private final byte[] body;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Framing framing = Framing.LENGTH;
    private Verdict framed = Verdict.GOOD;
    private Verdict verdict = Verdict.GOOD;
    private int interims;
    private boolean afterwards; // the framing is wrong after the text only
    private int over = -1; // where the answer ends, if that is not the end of the bytes
    private int meant = -1; // where in all bytes nothing of the text is missing any more

    Writer(Question question, RandomGenerator chance, Text text) {
      this.question = question;
      this.chance = chance;
      this.text = text;
      this.body = bytes(text.body());
    }

    Script write() {
      framing = framing();
      if (chance.nextInt(5) == 0) {
        interim();
      }
      answer();
      boolean valid = framing.compareTo(Framing.CLOSE_LENGTH) <= 0;
      // A stream that has said that it is over is complete, whatever follows.
      boolean late = afterwards && !whole();
      framed = valid ? Verdict.GOOD : late ? Verdict.EITHER : Verdict.BROKEN;
      verdict = text.verdict().and(framed);
      boolean closes =
          framing == Framing.CLOSE
              || framing == Framing.HTTP10
              || (framing == Framing.CLOSE_LENGTH && chance.nextBoolean());
      boolean reusable = framing.compareTo(Framing.CHUNKED) <= 0;
      int end = over < 0 ? out.size() : over;
      String name = text.name() + " " + text.status() + " " + framing + " interim " + interims;
      if (chance.nextInt(12) == 0) {
        return cut(end, name);
      }
      if (!closes && chance.nextInt(8) == 0) {
        extra();
        reusable = false;
        name += " extra";
      }
      boolean early = chance.nextInt(10) == 0;
      return new Script(wire(), end, closes, reusable, early, verdict, name);
    }

    private Framing framing() {
      int draw = chance.nextInt(10);
      Framing[] all = Framing.values();
      return draw < 3
          ? Framing.LENGTH
          : draw < 7 ? Framing.CHUNKED : all[chance.nextInt(all.length)];
    }

    /**
     * The end of the connection at any byte. A stream that ends after its finish reason is
     * complete: nobody knows what would have followed.
     */
    private Script cut(int end, String name) {
      int at = chance.nextInt(end);
      boolean untilClose = framing == Framing.CLOSE || framing == Framing.HTTP10;
      boolean missing = at < meant || meant < 0 || (whole() && !untilClose);
      Verdict rest = whole() ? verdict : framed;
      Verdict cut = missing ? Verdict.BROKEN : rest.and(Verdict.EITHER);
      String left = wire().substring(0, at);
      return new Script(left, at, true, false, false, cut, name + " cut at " + at);
    }

    private boolean whole() {
      return text.body().startsWith("{");
    }

    private void interim() {
      interims = 1 + chance.nextInt(3);
      for (int i = 0; i < interims; i++) {
        put("HTTP/1.1 " + INTERIM[chance.nextInt(INTERIM.length)] + " Interim" + CRLF);
        put(chance.nextBoolean() ? "link: </a>; rel=preload" + CRLF + CRLF : CRLF);
      }
    }

    private void answer() {
      switch (framing) {
        case LENGTH, CLOSE_LENGTH, HTTP10_LENGTH -> {
          head(length(), framing == Framing.CLOSE_LENGTH ? "connection: close" : "");
          body();
        }
        case CHUNKED -> {
          head("transfer-encoding: chunked", "");
          chunked();
        }
        case CLOSE, HTTP10 -> {
          head("", "");
          body();
        }
        case TWO_LENGTHS -> {
          head(length(), "content-length: " + (chance.nextBoolean() ? body.length : 1));
          body();
        }
        case LENGTH_LIST -> {
          head("content-length: " + body.length + ", " + body.length, "");
          body();
        }
        case LENGTH_AND_CHUNKED -> {
          head("content-length: " + chance.nextInt(9), "transfer-encoding: chunked");
          chunked();
        }
        case CHUNKED_NOT_LAST -> {
          head("transfer-encoding: chunked, identity", "");
          chunked();
        }
        case BAD_CHUNK -> {
          head("transfer-encoding: chunked", "");
          badChunk();
        }
        case FOLDED -> {
          head("x-a: b" + CRLF + " content-length: 0", length());
          body();
        }
        case NAMELESS -> {
          head(": nameless", length());
          body();
        }
        case BARE_LF -> {
          put("HTTP/1.1 200 OK\n" + length() + "\n\n");
          body();
        }
        case SWITCHING -> {
          put("HTTP/1.1 101 Switching Protocols" + CRLF + "upgrade: x" + CRLF + CRLF);
          head(length(), "");
          body();
        }
        case NO_CONTENT -> {
          put("HTTP/1.1 " + (chance.nextBoolean() ? 204 : 304) + " Nothing" + CRLF);
          put((chance.nextBoolean() ? length() + CRLF : "") + CRLF);
          over = out.size();
          body();
          put("no body");
        }
        case ODD_STATUS -> {
          put("HTTP/1.1 2000 OK" + CRLF + length() + CRLF + CRLF);
          body();
        }
      }
    }

    private void head(String first, String second) {
      String version = framing.name().startsWith("HTTP10") ? "HTTP/1.0 " : "HTTP/1.1 ";
      put(version + text.status() + (chance.nextInt(4) == 0 ? "" : " Some Reason") + CRLF);
      put(chance.nextBoolean() ? "Server: scripted" + CRLF : "");
      put(text.type().isEmpty() ? "" : "Content-Type: " + text.type() + CRLF);
      put(first.isEmpty() ? "" : first + CRLF);
      put(second.isEmpty() ? "" : second + CRLF);
      put(CRLF);
    }

    private String length() {
      return (chance.nextBoolean() ? "Content-Length: " : "content-length:") + body.length;
    }

    private void body() {
      meant = out.size() + text.meant();
      out.writeBytes(body);
    }

    private void chunked() {
      for (int from = 0; from < body.length; ) {
        int to = Math.min(body.length, from + 1 + chance.nextInt(1 + body.length / 3));
        String size = Integer.toHexString(to - from);
        put(chance.nextBoolean() ? size : "00" + size.toUpperCase(Locale.ROOT));
        put((chance.nextInt(4) == 0 ? ";a=b;c=\"d e\"" : "") + CRLF);
        if (meant < 0 && text.meant() <= to) {
          meant = out.size() + text.meant() - from;
        }
        out.write(body, from, to - from);
        put(CRLF);
        from = to;
      }
      put("0" + CRLF + (chance.nextInt(4) == 0 ? "x-sum: 1" + CRLF : "") + CRLF);
    }

    private void badChunk() {
      String size = Integer.toHexString(body.length);
      String[] lines = {" " + size, size + " ", "0x" + size, "1" + "0".repeat(8) + size, "-1", ""};
      int wrong = chance.nextInt(lines.length + 2);
      afterwards = wrong >= lines.length;
      put((wrong < lines.length ? lines[wrong] : size) + CRLF);
      body();
      put(wrong == lines.length ? "" : wrong > lines.length ? "x" + CRLF : CRLF);
      put("0" + CRLF + CRLF);
    }

    /** Bytes that answer nobody, in one piece with the end of the answer. */
    private void extra() {
      Text other = Text.foreign(question, chance);
      String head = "HTTP/1.1 200 OK" + CRLF + "content-type: " + other.type() + CRLF;
      String whole = head + "content-length: " + other.body().length() + CRLF + CRLF + other.body();
      String[] extras = {
        CRLF, "x", "\0", whole, whole, whole, whole + whole, head, whole.substring(0, 200), " {}"
      };
      put(extras[chance.nextInt(extras.length)]);
    }

    private void put(String some) {
      out.writeBytes(bytes(some));
    }

    private String wire() {
      return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String some) {
      return some.getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
