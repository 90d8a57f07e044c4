package dev.forebay.fuzz;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import java.nio.charset.StandardCharsets;

/**
 * What must hold of any text that somebody takes for a gateway's file: it is one, or every mistake
 * is a line that begins with the file's name; and no line shows what the environment holds.
 */
public final class DocumentTarget {

  private static final String SECRET = "FLAMINGO";
  private static final Registry REGISTRY = Registry.load(DocumentTarget.class.getClassLoader());

  private DocumentTarget() {}

  /**
   * Reads bytes as a document.
   *
   * @throws IllegalStateException where something does not hold
   */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    try {
      Mistakes mistakes = new Mistakes();
      Node node =
          Node.parse("g.yaml", text, name -> name.equals("SECRET") ? SECRET : null, mistakes);
      String shown = GatewayDocument.read(node, REGISTRY, mistakes).toString();
      require(!shown.contains(SECRET), "a document that shows its secrets");
    } catch (ConfigException e) {
      String said = String.valueOf(e.getMessage());
      require(
          said.lines().allMatch(line -> line.startsWith("g.yaml") || line.startsWith("and ")),
          "a mistake without its place: " + said);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }
}
