package dev.forebay.dialect;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream's refusals and errors mean: the outcome table, in one place. A refusal has a
 * status of HTTP. An error inside a 200 has one only in its body, or none: it is taken as if what
 * it says were the status.
 *
 * <p>What is said precisely counts more than the status: that the prompt is too long, that the
 * model is unknown, that the key is wrong or the credit used up. The last two take an account out
 * until somebody reloads it, so only what no caller can cause is believed so far: the status 401 or
 * 402, or a code. A message may quote the caller, even at its beginning, and a 403 may be about a
 * prompt or a model: these give a failure with a time to wait, for which the account is passed by.
 */
public final class Faults {

  /** Bytes of an error's body that are read, and handed on to the caller. */
  public static final int MAX_BODY = 64 << 10;

  /** How long an account is passed by that was refused by what a caller may have caused. */
  static final Duration DOUBT = Duration.ofSeconds(10);

  private static final int MAX_LINE = 200;
  private static final int MAX_VALUES = 10_000;

  private Faults() {}

  /**
   * The failure that a status other than 2xx stands for.
   *
   * @param body what came with it, as far as it was read; null or empty for nothing
   */
  public static Failure of(int status, @Nullable Buffer body) {
    return body == null || body.length() == 0 || body.length() > MAX_BODY
        ? of(status, new Complaint(), null)
        : of(status, read(body), body);
  }

  /**
   * Throws what an answer, or an event of one, means if it is an error.
   *
   * @param event whether it is an event that is named an error
   * @param words its bytes
   */
  static void check(Answer answer, boolean event, Supplier<Buffer> words) {
    String broken = answer.failedBy();
    check(answer.complaint(event), words);
    if (broken != null) {
      throw ErrorWords.word(broken).startsWith("insufficient")
          ? Failure.overloaded(
              503, broken.toLowerCase(Locale.ROOT), "the upstream ran out of resources")
          : Failure.overloaded(502, "upstream_error", "the upstream gave its answer up");
    }
  }

  private static void check(@Nullable Complaint complaint, Supplier<Buffer> words) {
    if (complaint != null) {
      Buffer said = words.get();
      throw of(200, complaint, said.length() <= MAX_BODY ? said : null);
    }
  }

  /**
   * Throws what the lines of an event outside its data mean if they are an error: some servers
   * write one as a field {@code error}, or as bare JSON.
   *
   * @param named whether the field's name says that it is one
   */
  static void checkStray(String lines, boolean named) {
    String text = lines.strip();
    if (!named && !text.startsWith("{")) {
      return;
    }
    Buffer words = Buffer.buffer(text);
    Complaint complaint = new Complaint();
    try {
      complaint =
          Answer.read(words.getBytes(), new Choices(), StreamParser.MAX_VALUES).complaint(named);
    } catch (IOException e) {
      if (!named) {
        return; // no JSON: a field that nobody knows
      }
      complaint.say(text);
    }
    check(complaint, () -> words);
  }

  private static Complaint read(Buffer body) {
    byte[] bytes = body.getBytes();
    int from = 0;
    while (from < bytes.length && " \t\r\n[".indexOf(bytes[from]) >= 0) {
      from++; // Google puts an error into a list
    }
    if (from < bytes.length && bytes[from] == '{') {
      try {
        Answer answer =
            Answer.read(Arrays.copyOfRange(bytes, from, bytes.length), new Choices(), MAX_VALUES);
        Complaint complaint = answer.complaint(true);
        return complaint == null ? new Complaint() : complaint;
      } catch (IOException e) {
        return new Complaint();
      }
    }
    Complaint plain = new Complaint();
    if (from < bytes.length && bytes[from] != '<') {
      plain.say(new String(bytes, StandardCharsets.UTF_8));
    }
    return plain;
  }

  private static Failure of(int status, Complaint complaint, @Nullable Buffer words) {
    int told = status / 100 != 2 ? status : complaint.status;
    int meant = told == 0 ? ErrorWords.status(complaint) : told;
    String message = complaint.message == null ? "" : complaint.message.toLowerCase(Locale.ROOT);
    int account = ErrorWords.account(complaint);
    if (account > 0 && meant < 500) {
      boolean minute =
          meant == 429 && account != ErrorWords.CREDIT; // a limit that often is called a quota
      return failure(minute ? meant : account, null, words);
    }
    int said = ErrorWords.said(meant, message);
    if (said > 0) {
      return doubt(failure(said, null, words));
    }
    String line = line(complaint);
    if (ErrorWords.tooLong(complaint, meant, message)) {
      return with(
          Failure.of(
              Status.CONTEXT_LENGTH,
              meant == 0 ? 400 : meant,
              "context_length_exceeded",
              line.isEmpty() ? "the prompt is too long for the model" : line),
          words);
    }
    if (ErrorWords.noModel(complaint, meant, message)) {
      return with(
          Failure.of(
              Status.MODEL_MISSING,
              meant == 0 ? ErrorWords.UNKNOWN : meant,
              "model_not_found",
              line.isEmpty() ? "the upstream does not have the model" : line),
          words);
    }
    if (meant == ErrorWords.FORBIDDEN && ErrorWords.ofPrompt(complaint)) {
      return callersFault(meant, line.isEmpty() ? "the upstream refused the prompt" : line, words);
    }
    if (meant > 0) {
      return failure(meant, line.isEmpty() ? null : line, words);
    }
    return Failure.overloaded(
        502, "upstream_error", "the upstream failed" + (line.isEmpty() ? "" : ": " + line));
  }

  /** A row of the table by its status. */
  private static Failure failure(int status, @Nullable String line, @Nullable Buffer words) {
    String reason = "upstream_" + status;
    String message =
        status >= 500 && line != null
            ? "the upstream failed: " + line
            : "the upstream answered " + status;
    return switch (status) {
      case ErrorWords.KEY, ErrorWords.CREDIT ->
          Failure.of(Status.ACCOUNT_OUT, 503, reason, message);
      case ErrorWords.FORBIDDEN -> doubt(Failure.of(Status.ACCOUNT_OUT, 503, reason, message));
      case 429 -> Failure.of(Status.THROTTLED, 503, reason, message);
      case 408, 421, 425, 498, 499, 500, 501, 502 -> Failure.overloaded(502, reason, message);
      case 504 -> Failure.overloaded(504, reason, message);
      // About the HTTP between the gateway and the upstream: another try would be the same.
      case 405, 406, 407, 411, 414, 417, 426, 431 ->
          Failure.of(Status.INTERNAL, 502, reason, message);
      default ->
          status >= 500
              ? Failure.overloaded(503, reason, message)
              : status >= 400
                  ? callersFault(status, line == null ? message : line, words)
                  : Failure.overloaded(502, reason, message);
    };
  }

  private static Failure callersFault(int status, String message, @Nullable Buffer words) {
    return with(Failure.of(Status.CALLER_FAULT, status, "upstream_" + status, message), words);
  }

  /** An account is refused by what a caller may have caused: it is passed by for a while. */
  private static Failure doubt(Failure refused) {
    return refused.retryAfter(DOUBT.toNanos());
  }

  private static Failure with(Failure failure, @Nullable Buffer words) {
    return words == null ? failure : failure.withBody(words);
  }

  private static String line(Complaint complaint) {
    String line = complaint.line();
    return line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
  }
}
