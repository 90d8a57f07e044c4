package dev.forebay.dialect;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
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
  private static final int KEY = 401;
  private static final int CREDIT = 402;
  private static final int FORBIDDEN = 403;
  private static final int UNKNOWN = 404;

  /** Finish reasons of answers that are none: servers give them to what they gave up. */
  private static final Set<String> BROKEN =
      Set.of(
          "insufficientsystemresource",
          "error",
          "abort",
          "aborted",
          "failed",
          "timeout",
          "cancelled",
          "canceled");

  /** Said of a prompt that the upstream does not want, also with a 403. */
  private static final Set<String> OF_PROMPT =
      Set.of(
          "contentfilter",
          "contentpolicyviolation",
          "datainspectionfailed",
          "flaggedinput"); // a member of OpenRouter's metadata

  private static final Set<String> TOO_LONG =
      Set.of(
          "contextlengthexceeded",
          "contextlengthexceedederror",
          "contextwindowexceeded",
          "contextwindowexceedederror",
          "exceedcontextsizeerror",
          "maxcontextlengthexceeded",
          "prompttoolong",
          "inputtoolong");

  private static final Set<String> NO_MODEL =
      Set.of(
          "modelnotfound",
          "modelnotfounderror",
          "modelnotexist",
          "modeldoesnotexist",
          "invalidmodel",
          "unknownmodel",
          "deploymentnotfound",
          "20012"); // SiliconFlow

  /** Said of an account, whatever the status is. */
  private static final Map<String, Integer> OF_ACCOUNT =
      words(
          Map.of(
              KEY,
              "authenticationerror invalidapikey incorrectapikey apikeyinvalid apikeyexpired"
                  + " expiredapikey missingapikey invalidauthentication invalidauthenticationerror"
                  + " unauthorized unauthorizederror unauthenticated accountdeactivated"
                  + " minimax1004 minimax2049",
              CREDIT,
              "insufficientquota insufficientuserquota insufficientbalance insufficientcredits"
                  + " insufficientfunds billingerror billingnotactive billinghardlimitreached"
                  + " paymentrequired creditbalancetoolow exceededcurrentquotaerror arrearage"
                  + " accountoverdueerror minimax1008 30001", // the last one SiliconFlow's
              429,
              "ratelimiterror ratelimitexceeded ratelimitreached ratelimitreachederror"
                  + " toomanyrequests resourceexhausted throttling throttlingexception"
                  + " throttlingratequota requestlimitexceeded limitrequests limitburstrate"
                  + " minimax1002 minimax1039"));

  /** Said if no number is. */
  private static final Map<String, Integer> GENERAL =
      words(
          Map.of(
              400,
              "invalidrequest invalidrequesterror badrequest badrequesterror invalidargument"
                  + " invalidparameter invalidparametererror validationerror valueerror"
                  + " failedprecondition unsupportedparameter unsupportedvalue contentfilter"
                  + " contentpolicyviolation datainspectionfailed"
                  + " minimax1026 minimax1027 minimax2013", // its input, its output, its options
              FORBIDDEN,
              "permissionerror permissiondenied permissiondeniederror forbidden accessdenied",
              UNKNOWN,
              "notfound notfounderror resourcenotfound resourcenotfounderror",
              413,
              "requesttoolarge requestentitytoolarge",
              422,
              "unprocessableentity unprocessableentityerror",
              500,
              "servererror internal internalerror internalservererror apierror",
              503,
              "overloaded overloadederror modeloverloaded engineoverloadederror serveroverloaded"
                  + " unavailable serviceunavailable serviceunavailableerror",
              504,
              "timeout timeouterror gatewaytimeout deadlineexceeded"));

  /**
   * How a message begins that says that a model is missing: what other errors say of a model, or of
   * something whose name holds the word, is not about the model. OpenAI and vLLM: {@code The model
   * `m` does not exist}; Ollama: {@code model 'm' not found, try pulling it first}; llama.cpp:
   * {@code model not found}, {@code model name=m is not found}; DeepSeek: {@code Model Not Exist};
   * Google: {@code models/m is not found for API version v1}; Moonshot: {@code Not found the model
   * m}. Messages are in lower case here.
   */
  private static final Pattern MODEL_SAYINGS =
      Pattern.compile(
          "((the |requested |the requested )?model,?:?"
              + "( (name=)?(`[^`]{0,256}`|'[^']{0,256}'|\"[^\"]{0,256}\"|[^ ]{1,256}))?"
              + " ((does not|doesn't|not) exist|(is |was |could )?not (be )?found)"
              + "|models/[^ ]{1,256} is not found for api version"
              + "|not found the model"
              + "|no such model"
              + "|unknown model)"
              + "([ .,:;!]|$)");

  private static final List<String> KEY_SAYINGS =
      List.of(
          "incorrect api key",
          "invalid api key",
          "invalid api-key",
          "invalid apikey",
          "invalid x-api-key",
          "wrong api key",
          "expired api key",
          "missing api key",
          "no api key",
          "api key ",
          "api-key ",
          "your api key",
          "the api key",
          "the provided api key",
          "invalid authentication",
          "authentication failed");

  private static final List<String> CREDIT_SAYINGS =
      List.of(
          "your credit",
          "credit balance",
          "credits exhausted",
          "credit limit",
          "insufficient balance",
          "insufficient credit",
          "insufficient quota",
          "insufficient fund",
          "not enough credit",
          "you have insufficient",
          "you have no credit",
          "you have run out of credit",
          "you have used up",
          "your account balance",
          "your account is not active",
          "your account is overdue",
          "your balance",
          "your quota",
          "account balance",
          "balance is insufficient",
          "billing hard limit",
          "payment required",
          "you exceeded your current quota");

  private Faults() {}

  private static Map<String, Integer> words(Map<Integer, String> byStatus) {
    Map<String, Integer> all = new HashMap<>();
    byStatus.forEach(
        (status, words) -> {
          for (String word : words.split(" ")) {
            all.put(word, status);
          }
        });
    return Map.copyOf(all);
  }

  /** A code without its case, its lines and its dots. */
  static String word(String code) {
    StringBuilder plain = new StringBuilder(code.length());
    for (int i = 0; i < code.length(); i++) {
      char each = Character.toLowerCase(code.charAt(i));
      if ((each >= 'a' && each <= 'z') || (each >= '0' && each <= '9')) {
        plain.append(each);
      }
    }
    return plain.toString();
  }

  /** Whether a word says what an error is. */
  static boolean means(String word) {
    return OF_ACCOUNT.containsKey(word)
        || GENERAL.containsKey(word)
        || TOO_LONG.contains(word)
        || NO_MODEL.contains(word);
  }

  /** Whether a finish reason says that the answer is none. */
  static boolean broken(String finishReason) {
    return BROKEN.contains(word(finishReason));
  }

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
      throw word(broken).startsWith("insufficient")
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
    int meant = told == 0 ? first(complaint, GENERAL) : told;
    String message = complaint.message == null ? "" : complaint.message.toLowerCase(Locale.ROOT);
    int account = first(complaint, OF_ACCOUNT);
    if (account > 0 && meant < 500) {
      boolean minute = meant == 429 && account != CREDIT; // a limit that often is called a quota
      return failure(minute ? meant : account, null, words);
    }
    int said = said(meant, message);
    if (said > 0) {
      return doubt(failure(said, null, words));
    }
    String line = line(complaint);
    if (tooLong(complaint, meant, message)) {
      return with(
          Failure.of(
              Status.CONTEXT_LENGTH,
              meant == 0 ? 400 : meant,
              "context_length_exceeded",
              line.isEmpty() ? "the prompt is too long for the model" : line),
          words);
    }
    if (noModel(complaint, meant, message)) {
      return with(
          Failure.of(
              Status.MODEL_MISSING,
              meant == 0 ? UNKNOWN : meant,
              "model_not_found",
              line.isEmpty() ? "the upstream does not have the model" : line),
          words);
    }
    if (meant == FORBIDDEN && complaint.words.stream().anyMatch(OF_PROMPT::contains)) {
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
      case KEY, CREDIT -> Failure.of(Status.ACCOUNT_OUT, 503, reason, message);
      case FORBIDDEN -> doubt(Failure.of(Status.ACCOUNT_OUT, 503, reason, message));
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

  private static int first(Complaint complaint, Map<String, Integer> table) {
    for (String word : complaint.words) {
      Integer status = table.get(word);
      if (status != null) {
        return status;
      }
    }
    return 0;
  }

  /** What the beginning of a message says of the account: 401, 402, or 0 for nothing. */
  private static int said(int status, String message) {
    boolean unsure = status == 0 || status == 400 || status == FORBIDDEN || status == UNKNOWN;
    if (!unsure) {
      return 0;
    }
    String begin = beginning(message);
    if (KEY_SAYINGS.stream().anyMatch(begin::startsWith)) {
      return KEY;
    }
    return CREDIT_SAYINGS.stream().anyMatch(begin::startsWith) ? CREDIT : 0;
  }

  /** A message without the names of exceptions before it. */
  private static String beginning(String message) {
    String rest = message.strip();
    for (int i = 0; i < 3; i++) {
      int space = rest.indexOf(' ');
      String first = space < 0 ? rest : rest.substring(0, space);
      boolean name = first.matches("[a-z0-9_.]{0,60}(error|exception):?");
      if (!name || space < 0) {
        return rest;
      }
      rest = rest.substring(space + 1).strip();
      rest = rest.startsWith("- ") ? rest.substring(2).strip() : rest;
    }
    return rest;
  }

  private static boolean tooLong(Complaint complaint, int status, String message) {
    if (complaint.words.stream().anyMatch(TOO_LONG::contains)) {
      return status < 500;
    }
    boolean mayBe = status == 0 || status == 400 || status == 413 || status == 422;
    return mayBe
        && (message.contains("maximum context length")
            || (message.contains("context") && exceeds(message))
            || message.contains("prompt is too long")
            || message.contains("prompt too long")
            || message.contains("input is too long")
            || (message.contains("input length") && exceeds(message))
            || (message.contains("input token count") && exceeds(message))
            || message.contains("`inputs` tokens + `max_new_tokens` must be"));
  }

  private static boolean exceeds(String message) {
    return (message.contains("length")
            || message.contains("window")
            || message.contains("size")
            || message.contains("token")
            || message.contains("context too long")
            || message.contains("context is too long"))
        && (message.contains("exceed")
            || message.contains("too long")
            || message.contains("longer than")
            || message.contains("larger than")
            || message.contains("greater than"));
  }

  private static boolean noModel(Complaint complaint, int status, String message) {
    if (complaint.words.stream().anyMatch(NO_MODEL::contains)) {
      return status == 0 || status == 400 || status == FORBIDDEN || status == UNKNOWN;
    }
    if (status != 0 && status != 400 && status != UNKNOWN) {
      return false;
    }
    String begin = beginning(message);
    boolean anthropic = complaint.words.contains("notfounderror");
    return MODEL_SAYINGS.matcher(begin).lookingAt()
        || (anthropic && begin.matches("model: [^ ]{1,256}"));
  }

  private static String line(Complaint complaint) {
    String line = complaint.line();
    return line.length() > MAX_LINE ? line.substring(0, MAX_LINE) + "…" : line;
  }
}
