package dev.forebay.edge.http;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds where requests on a connection begin and end, and takes only what every program reads in
 * the same way: the grammar of RFC 9112 without what it lets recipients repair. It reads each byte
 * of heads, chunk sizes and trailers once; it skips bodies.
 *
 * <p>An attacker needs two programs on the way that disagree about the end of a request. So each of
 * these is wrong here: bare CR or LF, folded lines, blanks before a colon or around a chunk size,
 * lengths with signs, lists or leading zeros, both length and encoding, encodings other than {@code
 * chunked}, repeated fields that name one thing, targets that are no path, methods that some
 * servers do not know.
 */
final class Framing {

  /** Blank lines that may come before a request (RFC 9112, section 2.2, has one). */
  static final int MAX_BLANK_LINES = 16;

  /** Fields that a head may have, and that may follow a body: as Apache, Tomcat and hyper do. */
  static final int MAX_FIELDS = 100;

  private static final int MAX_METHOD = 16;
  private static final int MAX_NAME = 256;
  private static final int MAX_CHUNK_DIGITS = 8;
  private static final int MAX_EXTENSION = 256;
  private static final int KEPT_VALUE = 64;

  /** Bytes that are copied out of the buffer at once: it checks each access, which costs more. */
  private static final int PIECE = 512;

  /** The same for sizes of chunks, which are short: the bytes that follow are skipped, not read. */
  private static final int PIECE_OF_CHUNKS = 16;

  private static final List<String> METHODS =
      List.of("POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH");

  private final int maxTrailer;
  private final byte[] piece = new byte[PIECE];
  private final StringBuilder word = new StringBuilder();
  private final FramingFields head = new FramingFields();
  private State state = State.START;
  private @Nullable String wrong;
  private boolean old;
  private boolean inTrailer;
  private boolean blankBefore;
  private long left;
  private int blanks;
  private int count;
  private int fields;
  private boolean tooLong;
  private boolean ended;

  /**
   * A reader at the beginning of a connection.
   *
   * @param maxTrailer bytes that the fields after a chunked body may have
   */
  Framing(int maxTrailer) {
    this.maxTrailer = maxTrailer;
  }

  private enum State {
    START,
    START_LF,
    METHOD,
    TARGET,
    VERSION,
    LINE_LF,
    NAME,
    VALUE,
    VALUE_LF,
    HEAD_LF,
    BODY,
    SIZE,
    EXTENSION,
    SIZE_LF,
    CHUNK,
    CHUNK_CR,
    CHUNK_LF
  }

  /** What is wrong; null while nothing is. Nothing is read after that. */
  @Nullable String wrong() {
    return wrong;
  }

  /** Whether what is wrong is that a head has too many fields. */
  boolean tooLong() {
    return tooLong;
  }

  /** Fields so far of the head, or of those after the body, that was read last. */
  int fields() {
    return fields;
  }

  /** Whether fields after a body have begun and not ended. */
  boolean inTrailer() {
    return inTrailer && !between();
  }

  /** Whether a chunk comes next, or goes on. */
  boolean inChunks() {
    return state.ordinal() >= State.SIZE.ordinal();
  }

  /** Whether bytes of a chunk come next. */
  boolean inChunk() {
    return state == State.CHUNK;
  }

  /** Whether a request begins next, or blank lines before one. */
  boolean between() {
    return state == State.START || state == State.START_LF;
  }

  /** Whether a request's head has begun and not ended. */
  boolean inHead() {
    return !between() && state.ordinal() <= State.HEAD_LF.ordinal() && !inTrailer;
  }

  /**
   * Whether the last request offers another protocol: then some programs read what comes before the
   * answer in that protocol.
   */
  boolean offersUpgrade() {
    return head.offersUpgrade();
  }

  /**
   * Reads on, up to the end of a head, of a body, of a chunk's size, of a chunk, or of what there
   * is.
   *
   * @return the index after the last byte that was read; that of the byte that is wrong
   */
  int read(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to && wrong == null) {
      if (state == State.BODY || state == State.CHUNK) {
        long skipped = Math.min(left, to - at);
        at += (int) skipped;
        left -= skipped;
        if (left == 0) {
          state = state == State.BODY ? State.START : State.CHUNK_CR;
        }
        return at;
      }
      int size = Math.min(inChunks() ? PIECE_OF_CHUNKS : PIECE, to - at);
      in.getBytes(at, piece, 0, size);
      at += readPiece(size);
      if (ended) {
        return at;
      }
    }
    return at;
  }

  /** Reads a piece, up to what ends in it or is wrong; returns how many bytes were read. */
  private int readPiece(int size) {
    ended = false;
    for (int at = run(0, size); at < size; at = run(at + 1, size)) {
      ended = step(piece[at] & 0xFF);
      if (wrong != null) {
        return at;
      }
      if (ended) {
        return at + 1;
      }
    }
    return size;
  }

  /** Reads bytes that need no decision: the insides of a target, of a name, of a value. */
  private int run(int from, int to) {
    if (inTrailer) {
      return from; // its bytes are counted
    }
    int at = from;
    switch (state) {
      case TARGET -> {
        while (!word.isEmpty() && at < to && Octets.PATH[piece[at] & 0xFF]) {
          word.append((char) (piece[at++] & 0xFF));
        }
      }
      case NAME -> {
        while (at < to && word.length() < MAX_NAME && Octets.TOKEN[piece[at] & 0xFF]) {
          word.append(lower(piece[at++]));
        }
      }
      case VALUE -> {
        while (head.counts() && at < to && keeps(piece[at] & 0xFF)) {
          word.append((char) (piece[at++] & 0xFF));
        }
        boolean kept = head.counts() && word.length() <= KEPT_VALUE;
        while (!kept && at < to && Octets.VALUE[piece[at] & 0xFF]) {
          at++;
        }
      }
      default -> {}
    }
    return at;
  }

  /** Whether a byte is one more of a value that is kept. */
  private boolean keeps(int octet) {
    return Octets.VALUE[octet] && !blankBefore && word.length() <= KEPT_VALUE;
  }

  private static char lower(int octet) {
    return (char) (octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet & 0xFF);
  }

  /** Reads a byte, and says whether a head, a chunk's size or a message ends with it. */
  private boolean step(int octet) {
    switch (state) {
      case START -> start(octet);
      case START_LF -> blankLine(octet);
      case METHOD -> method(octet);
      case TARGET -> target(octet);
      case VERSION -> version(octet);
      case LINE_LF -> expect(octet, '\n', State.NAME, "a bare CR in the request line");
      case NAME -> name(octet);
      case VALUE -> value(octet);
      case VALUE_LF -> valueEnded(octet);
      case HEAD_LF -> {
        return headEnded(octet);
      }
      case SIZE -> size(octet);
      case EXTENSION -> extension(octet);
      case SIZE_LF -> {
        sizeEnded(octet);
        return true;
      }
      case CHUNK_CR -> expect(octet, '\r', State.CHUNK_LF, "a chunk longer than its size");
      case CHUNK_LF -> {
        expect(octet, '\n', State.SIZE, "a chunk longer than its size");
        begin();
      }
      default -> throw new IllegalStateException("state: " + state);
    }
    return false;
  }

  private void start(int octet) {
    if (octet == '\r') {
      state = State.START_LF;
      return;
    }
    blanks = 0;
    old = false;
    inTrailer = false;
    fields = 0;
    head.begin();
    begin();
    state = State.METHOD;
    method(octet);
  }

  private void blankLine(int octet) {
    expect(octet, '\n', State.START, "a bare CR before the request line");
    if (++blanks > MAX_BLANK_LINES) {
      wrong = "more than " + MAX_BLANK_LINES + " blank lines before a request";
    }
  }

  private void method(int octet) {
    if (octet == ' ') {
      if (FramingFields.indexOf(METHODS, word) >= 0) {
        begin();
        state = State.TARGET;
      } else {
        wrong = "an unknown method";
      }
    } else if (!Octets.TOKEN[octet] || word.length() == MAX_METHOD) {
      wrong = "no method";
    } else {
      word.append((char) octet);
    }
  }

  private void target(int octet) {
    if (octet == ' ') {
      String path = word.toString();
      wrong = RequestPath.wrong(path);
      begin();
      state = State.VERSION;
    } else if (!Octets.PATH[octet] || (word.isEmpty() && octet != '/')) {
      wrong = "a target that is no path";
    } else {
      word.append((char) octet);
    }
  }

  private void version(int octet) {
    if (octet == '\r') {
      old = "HTTP/1.0".contentEquals(word);
      if (!old && !"HTTP/1.1".contentEquals(word)) {
        wrong = "an unknown version (expected: 1.1 or 1.0)";
      }
      begin();
      state = State.LINE_LF;
    } else if (octet == '\n') {
      wrong = "a bare LF in the request line";
    } else if (octet <= ' ' || word.length() == 8) {
      wrong = "an unknown version (expected: 1.1 or 1.0)";
    } else {
      word.append((char) octet);
    }
  }

  private void name(int octet) {
    if (octet == ':') {
      if (word.isEmpty()) {
        wrong = "a field without a name";
        return;
      }
      if (++fields > MAX_FIELDS) {
        tooLong = !inTrailer;
        wrong = "more than " + MAX_FIELDS + " fields";
        return;
      }
      wrong = head.named(word, inTrailer);
      begin();
      blankBefore = true;
      state = State.VALUE;
    } else if (octet == '\r' && word.isEmpty()) {
      state = State.HEAD_LF;
    } else if (!Octets.TOKEN[octet]) {
      wrong = word.isEmpty() && (octet == ' ' || octet == '\t') ? "a folded line" : "no field name";
    } else if (word.length() == MAX_NAME) {
      wrong = "a field name of more than " + MAX_NAME + " bytes";
    } else {
      word.append(lower(octet));
    }
    countTrailer();
  }

  private void value(int octet) {
    countTrailer();
    boolean blank = octet == ' ' || octet == '\t';
    if (octet == '\t' && head.counts()) {
      wrong = "a tab in a field " + head.name(); // for some a part of the value
    } else if (octet == '\r') {
      state = State.VALUE_LF;
    } else if ((octet < ' ' && !blank) || octet == 0x7F) {
      wrong = "a control character in a field";
    } else if (head.counts() && !(blank && blankBefore) && word.length() <= KEPT_VALUE) {
      blankBefore = false;
      word.append((char) octet);
    }
  }

  private void valueEnded(int octet) {
    expect(octet, '\n', State.NAME, "a bare CR in a field");
    if (wrong == null && head.counts() && !inTrailer) {
      wrong = head.valued(word.toString().stripTrailing());
    }
    begin();
  }

  private boolean headEnded(int octet) {
    expect(octet, '\n', State.START, "a bare CR after the fields");
    if (wrong != null || inTrailer) {
      return true;
    }
    wrong = head.ended(old);
    if (wrong != null) {
      state = State.HEAD_LF;
    } else if (head.chunked()) {
      state = State.SIZE;
    } else if (head.length() > 0) {
      left = head.length();
      state = State.BODY;
    }
    begin();
    return true;
  }

  private void size(int octet) {
    if (octet == '\r' || octet == ';') {
      if (word.isEmpty()) {
        wrong = "a chunk without a size";
        return;
      }
      left = Long.parseLong(word, 0, word.length(), 16);
      if (left > Integer.MAX_VALUE) {
        wrong = "a chunk that is too large";
      }
      begin();
      state = octet == ';' ? State.EXTENSION : State.SIZE_LF;
    } else if (Character.digit(octet, 16) < 0 || octet > 'f') {
      wrong = "a bad chunk size";
    } else if (word.length() == MAX_CHUNK_DIGITS) {
      wrong = "a chunk that is too large";
    } else {
      word.append((char) octet);
    }
  }

  /** Extensions are names, perhaps with a value, and nothing that needs quoting. */
  private void extension(int octet) {
    if (octet == '\r') {
      state = State.SIZE_LF;
    }
    boolean last = word.isEmpty() || word.charAt(word.length() - 1) == ';';
    boolean separates = octet == ';' || octet == '=' || octet == '\r';
    if ((separates ? last : !Octets.TOKEN[octet]) || word.length() == MAX_EXTENSION) {
      wrong = "a bad chunk extension";
    } else {
      word.append((char) octet);
    }
  }

  private void sizeEnded(int octet) {
    inTrailer = left == 0;
    fields = 0;
    expect(octet, '\n', inTrailer ? State.NAME : State.CHUNK, "a bare CR after a chunk size");
    begin();
  }

  private void countTrailer() {
    if (inTrailer && ++count > maxTrailer) {
      wrong = "trailers of more than " + maxTrailer + " bytes";
    }
  }

  private void expect(int octet, char wanted, State next, String otherwise) {
    if (octet == wanted) {
      state = next;
    } else {
      wrong = otherwise;
    }
  }

  private void begin() {
    word.setLength(0);
    if (!inTrailer) {
      count = 0;
    }
  }
}
