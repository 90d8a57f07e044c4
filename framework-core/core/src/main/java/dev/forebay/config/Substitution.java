package dev.forebay.config;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${NAME}</code> and <code>${NAME:default}</code> by variables of the environment,
 * once: what a variable holds is not looked at again. All values of a document together grow to at
 * most {@link Node#MAX_BYTES} characters.
 */
final class Substitution {

  /** What stops a replacement: the reference without the text around it, and what was expected. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final String found;
    final String expected;

    Refused(String found, String expected) {
      super(expected, null, false, false);
      this.found = found;
      this.expected = expected;
    }
  }

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*+))?}|\\$\\{");

  private final Function<String, @Nullable String> environment;
  private long room = Node.MAX_BYTES;

  Substitution(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  String replace(String text) throws Refused {
    if (!text.contains("${")) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    Matcher reference = REFERENCE.matcher(text);
    int from = 0;
    while (reference.find()) {
      append(out, text.substring(from, reference.start()));
      append(out, value(reference));
      from = reference.end();
    }
    append(out, text.substring(from));
    return out.toString();
  }

  private void append(StringBuilder out, String part) throws Refused {
    room -= part.length();
    if (room < 0) {
      throw new Refused("too long", "variables that make at most 1 MiB together");
    }
    out.append(part);
  }

  private String value(Matcher reference) throws Refused {
    String name = reference.group(1);
    if (name == null) {
      if (reference.group().startsWith("$$")) {
        return "${";
      }
      throw new Refused("${", "${NAME} or ${NAME:default}; $${ stands for a plain ${");
    }
    String value = environment.apply(name);
    String fallback = reference.group(2);
    if (value == null && fallback == null) {
      throw new Refused(
          reference.group(), "the environment variable " + name + " to be set, or a default");
    }
    return value != null ? value : String.valueOf(fallback);
  }
}
