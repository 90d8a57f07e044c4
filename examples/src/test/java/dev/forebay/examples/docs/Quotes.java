package dev.forebay.examples.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Quotes of code in a document: a line {@code <!-- quote: PATH#TAG -->}, then a fenced block that
 * equals the lines between {@code tag::TAG[]} and {@code end::TAG[]} in the file, without their
 * common indentation and without lines of tags. A region may be in several parts.
 */
final class Quotes {

  /** A quote: what it names, and the lines in the document. */
  record Quote(String path, String tag, int line, List<String> lines) {}

  private static final Pattern MARK = Pattern.compile("<!-- quote: (\\S+)#(\\S+) -->");
  private static final Pattern TAG = Pattern.compile("(tag|end)::([a-z-]+)\\[\\]");

  private Quotes() {}

  /** The quotes of a document. */
  static List<Quote> in(List<String> document) {
    List<Quote> quotes = new ArrayList<>();
    for (int i = 0; i < document.size(); i++) {
      Matcher mark = MARK.matcher(document.get(i));
      if (mark.find()) {
        int fence = i + 1;
        if (fence >= document.size() || !document.get(fence).startsWith("```")) {
          throw new IllegalStateException("line " + (fence + 1) + ": no block after a quote");
        }
        int end = fence + 1;
        while (!document.get(end).equals("```")) {
          end++;
        }
        quotes.add(
            new Quote(mark.group(1), mark.group(2), i + 1, document.subList(fence + 1, end)));
      } else if (document.get(i).contains("quote:") && document.get(i).contains("<!--")) {
        throw new IllegalStateException("line " + (i + 1) + ": " + document.get(i));
      }
    }
    return quotes;
  }

  /** The lines of a region of a file. */
  static List<String> region(Path file, String tag) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(file)) {
      Matcher matcher = TAG.matcher(line);
      if (matcher.find()) {
        if (matcher.group(2).equals(tag)) {
          inside = matcher.group(1).equals("tag");
        }
      } else if (inside) {
        lines.add(line);
      }
    }
    if (lines.isEmpty()) {
      throw new IllegalStateException(file + ": no region " + tag);
    }
    return outdented(lines);
  }

  private static List<String> outdented(List<String> lines) {
    int indent =
        lines.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    List<String> out =
        new ArrayList<>(
            lines.stream().map(line -> line.isBlank() ? "" : line.substring(indent)).toList());
    while (out.get(out.size() - 1).isEmpty()) {
      out.remove(out.size() - 1);
    }
    while (out.get(0).isEmpty()) {
      out.remove(0);
    }
    return out;
  }
}
