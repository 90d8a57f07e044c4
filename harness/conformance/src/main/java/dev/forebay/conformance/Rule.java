package dev.forebay.conformance;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** How a rule is checked: skipped where the plugin is exempt, and failing with its number. */
final class Rule {

  /** A check of one rule. */
  @FunctionalInterface
  interface Check {
    void run() throws Exception;
  }

  private static final Pattern RETURNED =
      Pattern.compile("the return value of \"[\\w.$]*?([\\w$]+\\.\\w+)\\(");

  private Rule() {}

  /** Runs the check of a rule; whatever goes wrong carries the rule's number. */
  static void check(PluginContract<?> contract, String rule, Check check) {
    String reason = contract.exempt().get(rule);
    if (reason != null) {
      skip(rule + ": exempt: " + reason);
    }
    try {
      check.run();
    } catch (TestAbortedException skipped) {
      throw skipped;
    } catch (Broken broken) {
      throw new AssertionFailedError(rule + ": " + broken.getMessage());
    } catch (NullPointerException thrown) {
      String what = isOfTheKit(thrown) ? returnedNull(thrown) : "the plugin threw " + thrown;
      throw new AssertionFailedError(rule + ": " + what, thrown);
    } catch (Exception | AssertionError | StackOverflowError thrown) {
      throw new AssertionFailedError(rule + ": the plugin threw " + thrown, thrown);
    }
  }

  /** Whether the kit itself met a null: the first code that is not the JDK's is the kit's. */
  private static boolean isOfTheKit(NullPointerException thrown) {
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (!frame.getClassName().startsWith("java.")) {
        return isOfTheKit(frame.getClassName());
      }
    }
    return false;
  }

  /** Plugins may be in the kit's package, but not in its jar. */
  private static boolean isOfTheKit(String className) {
    try {
      ClassLoader loader = Rule.class.getClassLoader();
      return Class.forName(className, false, loader).getProtectionDomain().getCodeSource()
          == Rule.class.getProtectionDomain().getCodeSource();
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** The JVM says which call returned it, if no variable was between. */
  private static String returnedNull(NullPointerException thrown) {
    String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
    Matcher call = RETURNED.matcher(message);
    return call.find()
        ? "the plugin returned null from " + call.group(1) + " (expected: a value)"
        : "the plugin returned null, or null within a value (expected: a value)" + message;
  }

  /** Fails the rule that is being checked, where the condition does not hold. */
  static void require(boolean condition, String message, @Nullable Object... arguments) {
    if (!condition) {
      throw broken(message, arguments);
    }
  }

  /** Fails the rule that is being checked, if it is thrown. */
  static IllegalStateException broken(String message, @Nullable Object... arguments) {
    return new Broken(message.formatted(arguments));
  }

  /** Skips the rule that is being checked. */
  static void skip(String why) {
    Assumptions.abort(why);
  }

  /** A rule that does not hold. */
  private static final class Broken extends IllegalStateException {
    Broken(String message) {
      super(message);
    }
  }
}
