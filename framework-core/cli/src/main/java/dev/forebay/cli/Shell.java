package dev.forebay.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words as a shell reads them. */
final class Shell {

  private Shell() {}

  /**
   * A command as one line, in which words that a shell would take apart are quoted.
   *
   * @param arguments of {@code forebay}, the name of the command first
   * @param scenario to name, after the command; null if the arguments do
   */
  static String command(List<String> arguments, @Nullable String scenario) {
    List<String> words = new ArrayList<>(List.of("./forebay"));
    words.addAll(arguments);
    if (scenario != null) {
      words.add(2, scenario);
    }
    return words.stream().map(Shell::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
