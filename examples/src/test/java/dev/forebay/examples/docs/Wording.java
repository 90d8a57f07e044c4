package dev.forebay.examples.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Wordings that readers stumble over, and where they stand: in comments and messages of main code,
 * and in the documents.
 */
final class Wording {

  private static final Pattern MESSAGE =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)* (?:[^\"\\\\]|\\\\.)*)\"");

  private Wording() {}

  /**
   * A wording, and how many times it may still stand.
   *
   * @param allowed the most
   * @param pattern of the wording, in a line of prose
   */
  record Rule(int allowed, Pattern pattern) {}

  /**
   * A line of prose.
   *
   * @param place file and line
   * @param text its words
   */
  record Prose(String place, String text) {}

  /**
   * The rules of a file: a number and a regular expression in each line; {@code #} begins notes.
   */
  static List<Rule> rules(Path file) throws IOException {
    List<Rule> rules = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.strip().split("\\s+", 2);
        rules.add(
            new Rule(
                Integer.parseInt(parts[0]), Pattern.compile(parts[1], Pattern.CASE_INSENSITIVE)));
      }
    }
    return rules;
  }

  /** The places where a wording stands, once for each time. */
  static List<String> places(Rule rule, List<Prose> prose) {
    List<String> places = new ArrayList<>();
    for (Prose line : prose) {
      Matcher found = rule.pattern().matcher(line.text());
      while (found.find()) {
        places.add(line.place() + ": " + line.text().strip());
      }
    }
    return places;
  }

  /** The prose of a checkout. */
  static List<Prose> prose(Path root) throws IOException {
    List<Prose> prose = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Wording::counted).sorted().toList()) {
        boolean java = file.toString().endsWith(".java");
        boolean fenced = false;
        int number = 0;
        for (String line : Files.readAllLines(file)) {
          number++;
          String place = root.relativize(file) + ":" + number;
          fenced ^= line.startsWith("```");
          if (java) {
            ofJava(place, line, prose);
          } else if (!fenced) {
            prose.add(new Prose(place, line));
          }
        }
      }
    }
    return prose;
  }

  private static boolean counted(Path file) {
    String path = file.toString().replace('\\', '/');
    return !path.contains("/target/")
        && (path.endsWith(".md") || (path.endsWith(".java") && path.contains("/src/main/")));
  }

  private static void ofJava(String place, String line, List<Prose> prose) {
    String code = line.strip();
    int comment = code.indexOf("// ");
    if (code.startsWith("*") || code.startsWith("/*")) {
      prose.add(new Prose(place, code.replaceFirst("^(/\\*\\*?|\\*/?) ?", "")));
      return;
    }
    if (comment >= 0) {
      prose.add(new Prose(place, code.substring(comment + 3)));
    }
    Matcher message = MESSAGE.matcher(comment >= 0 ? code.substring(0, comment) : code);
    while (message.find()) {
      prose.add(new Prose(place, message.group(1)));
    }
  }
}
