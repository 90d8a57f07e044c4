package dev.forebay.replay.cli;

import java.util.List;
import java.util.stream.Collectors;

/** Words as a shell reads them. */
final class Shell {

  private Shell() {}

  /** One line, in which words that a shell would take apart are quoted. */
  static String line(List<String> words) {
    return words.stream().map(Shell::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
