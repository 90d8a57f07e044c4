package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents quote is what is compiled, and what they link to exists. */
class QuotesTest {

  static final Path ROOT = Path.of(System.getProperty("forebay.root", ".."));

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

  @Test
  void everyQuoteEqualsTheCode() throws IOException {
    Set<String> quoted = new TreeSet<>();
    for (Path document : documents()) {
      for (Quotes.Quote quote : Quotes.in(Files.readAllLines(document))) {
        quoted.add(quote.path() + "#" + quote.tag());
        List<String> code = Quotes.region(ROOT.resolve(quote.path()), quote.tag());
        assertEquals(
            String.join("\n", code),
            String.join("\n", quote.lines()),
            document + ":" + quote.line() + " is stale: copy the code again");
      }
    }
    assertEquals(regions(), quoted, "regions of examples/ (expected: each is quoted)");
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(Files.readString(document));
      while (link.find()) {
        String target = link.group(1);
        Path folder = document.toAbsolutePath().getParent();
        if (!target.startsWith("http") && folder != null && !Files.exists(folder.resolve(target))) {
          dead.add(document + ": " + target);
        }
      }
    }
    assertEquals(List.of(), dead);
  }

  @Test
  void aStaleQuoteIsNoticed(@TempDir Path folder) throws IOException {
    Path code = folder.resolve("A.java");
    Files.writeString(code, "class A {\n  // tag::x[]\n  int a = 1;\n  // end::x[]\n}\n");
    assertEquals(List.of("int a = 1;"), Quotes.region(code, "x"));
    List<String> document = List.of("<!-- quote: A.java#x -->", "```java", "int a = 2;", "```");
    assertEquals(List.of("int a = 2;"), Quotes.in(document).get(0).lines());
    assertThrows(IllegalStateException.class, () -> Quotes.region(code, "y"));
    assertThrows(IllegalStateException.class, () -> Quotes.in(List.of(document.get(0), "text")));
    assertThrows(IllegalStateException.class, () -> Quotes.in(List.of("<!-- quote: A.java -->")));
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    documents.add(ROOT.resolve("README.md"));
    documents.add(ROOT.resolve("CONTRIBUTING.md"));
    documents.add(ROOT.resolve("docs/guide.md"));
    documents.add(ROOT.resolve("docs/strategies.md"));
    documents.add(ROOT.resolve("docs/design-decisions.md"));
    assertTrue(documents.stream().allMatch(Files::exists), documents.toString());
    return documents;
  }

  /** The regions of the examples: one that nobody quotes is a leftover. */
  private static Set<String> regions() throws IOException {
    Pattern tag = Pattern.compile("(?:// |# )tag::([a-z-]+)\\[\\]");
    Set<String> regions = new TreeSet<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String path = ROOT.relativize(file).toString();
        if (path.matches("examples/(src/.*\\.java|(monitoring/)?[^/]*\\.ya?ml)")
            && !path.contains("/docs/")) {
          Matcher matcher = tag.matcher(Files.readString(file));
          while (matcher.find()) {
            regions.add(path + "#" + matcher.group(1));
          }
        }
      }
    }
    return regions;
  }
}
