package dev.forebay.dialect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What upstreams call their errors, and how their messages begin. A code is compared as a {@link
 * #word}, a message in lower case.
 */
final class ErrorWords {

  static final int KEY = 401;
  static final int CREDIT = 402;
  static final int FORBIDDEN = 403;
  static final int UNKNOWN = 404;

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

  private ErrorWords() {}

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

  /** The status that a code stands for, if no number is said; 0 if none does. */
  static int status(Complaint complaint) {
    return first(complaint, GENERAL);
  }

  /** The status that a code stands for which is about an account; 0 if none is. */
  static int account(Complaint complaint) {
    return first(complaint, OF_ACCOUNT);
  }

  /** Whether a code is about the prompt. */
  static boolean ofPrompt(Complaint complaint) {
    return complaint.words.stream().anyMatch(OF_PROMPT::contains);
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
  static int said(int status, String message) {
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

  /** Whether it says that the prompt is too long for the model. */
  static boolean tooLong(Complaint complaint, int status, String message) {
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

  /** Whether it says that there is no such model. */
  static boolean noModel(Complaint complaint, int status, String message) {
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
}
