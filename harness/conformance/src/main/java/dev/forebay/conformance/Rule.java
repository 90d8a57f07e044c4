package dev.forebay.conformance;

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
    } catch (Exception | AssertionError | StackOverflowError thrown) {
      throw new AssertionFailedError(rule + ": the plugin threw " + thrown, thrown);
    }
  }

  /** Fails the rule that is being checked, where the condition does not hold. */
  static void require(boolean condition, String message, @Nullable Object... arguments) {
    if (!condition) {
      throw new Broken(message.formatted(arguments));
    }
  }

  /** Skips the rule that is being checked. */
  static void skip(String why) {
    Assumptions.abort(why);
  }

  /** A rule that does not hold. */
  private static final class Broken extends RuntimeException {
    Broken(String message) {
      super(message);
    }
  }
}
