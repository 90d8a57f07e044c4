package dev.forebay.net;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The head of an HTTP/1.1 response, line by line: what follows it, and whether the connection may
 * be used again (RFC 9112, sections 2 to 6 and 9.3).
 */
final class AnswerHead {

  private static final int MAX_LENGTH_DIGITS = 18;
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  private int status;
  private boolean current;
  private boolean closing;
  private boolean chunked;
  private long length;

  /** Takes the first line, without the end of the line. */
  void statusLine(byte[] line, int size) {
    String text = latin(line, 0, Math.min(size, 9));
    current = text.equals("HTTP/1.1 ");
    closing = !current;
    chunked = false;
    length = -1;
    if (!current && !text.equals("HTTP/1.0 ")) {
      throw new InvalidAnswerException("no status line of HTTP/1.0 or HTTP/1.1");
    }
    if (size < 12 || (size > 12 && line[12] != ' ')) {
      throw new InvalidAnswerException("a status that is no number of three digits");
    }
    checkText(line, 12, size);
    status = (int) number(line, 9, 12);
    if (status < 100 || status > 599) {
      throw new InvalidAnswerException("a status that is not from 100 to 599");
    }
  }

  /** Takes a field. */
  void field(byte[] line, int size) {
    int colon = name(line, size);
    checkText(line, colon + 1, size);
    switch (latin(line, 0, colon).toLowerCase(Locale.ROOT)) {
      case "content-length" -> contentLength(value(line, colon, size));
      case "transfer-encoding" -> transferEncoding(value(line, colon, size));
      case "connection" -> connection(value(line, colon, size));
      default -> {} // says nothing about the end of the answer
    }
  }

  /** Checks a field of the trailer section, which says nothing about the end of the answer. */
  static void trailer(byte[] line, int size) {
    checkText(line, name(line, size) + 1, size);
  }

  /** Checks what the fields say together, when all have come. */
  void end() {
    if (status == 101) {
      throw new InvalidAnswerException("status 101, for which nobody asked");
    }
    if (chunked && (length >= 0 || !current)) {
      throw new InvalidAnswerException("Transfer-Encoding, with Content-Length or in HTTP/1.0");
    }
    if ((interim() || status == 204) && (chunked || length > 0)) {
      throw new InvalidAnswerException("a body after a status that has none");
    }
  }

  /** Whether another answer follows, the final one. */
  boolean interim() {
    return status < 200;
  }

  /** Whether the status is 2xx. */
  boolean good() {
    return status / 100 == 2;
  }

  /** Whether no body follows, whatever the fields say. */
  boolean empty() {
    return status == 204 || status == 304;
  }

  /** Whether the connection may stay open after the answer. */
  boolean persistent() {
    return !closing && status != 304;
  }

  boolean chunked() {
    return chunked;
  }

  /** Bytes of the body; -1 if no field says. */
  long length() {
    return length;
  }

  /** The number in digits of which there are at most 18. */
  private static long number(byte[] digits, int from, int to) {
    long number = 0;
    for (int i = from; i < to; i++) {
      if (digits[i] < '0' || digits[i] > '9') {
        throw new InvalidAnswerException("a number that is none");
      }
      number = number * 10 + digits[i] - '0';
    }
    return number;
  }

  private void contentLength(String value) {
    if (length >= 0 || value.isEmpty() || value.length() > MAX_LENGTH_DIGITS) {
      throw new InvalidAnswerException("Content-Length twice, empty or too large");
    }
    length = number(value.getBytes(StandardCharsets.ISO_8859_1), 0, value.length());
  }

  private void transferEncoding(String value) {
    if (chunked || !value.equalsIgnoreCase("chunked")) {
      throw new InvalidAnswerException("Transfer-Encoding other than chunked, once");
    }
    chunked = true;
  }

  private void connection(String value) {
    for (String option : value.split(",", -1)) {
      closing |= !option.strip().equalsIgnoreCase("keep-alive");
    }
  }

  /** The place of the colon after the name, which is a token. */
  private static int name(byte[] line, int size) {
    int end = 0;
    while (end < size && isToken(line[end])) {
      end++;
    }
    if (end == 0 || end == size || line[end] != ':') {
      throw new InvalidAnswerException("a line that is no field, or continues one");
    }
    return end;
  }

  private static boolean isToken(byte each) {
    return (each >= 'a' && each <= 'z')
        || (each >= 'A' && each <= 'Z')
        || (each >= '0' && each <= '9')
        || (each > 0 && TOKEN_MARKS.indexOf(each) >= 0);
  }

  private static String value(byte[] line, int colon, int size) {
    return latin(line, colon + 1, size).strip();
  }

  private static String latin(byte[] line, int from, int to) {
    return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** Checks that there is no control character but tabs. */
  static void checkText(byte[] line, int from, int to) {
    for (int i = from; i < to; i++) {
      if ((line[i] >= 0 && line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f) {
        throw new InvalidAnswerException("a control character in the head");
      }
    }
  }
}
