package dev.forebay.replay.run;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.server.GatewayDocument;
import dev.forebay.simulation.http.EmulatorProfile;
import java.util.List;

/** What a document describes: each command takes one kind. */
public enum DocumentKind {
  /** What {@code serve} takes. */
  GATEWAY("a gateway", "serve"),
  /** What {@code compare} takes. */
  SCENARIO("a scenario", "compare"),
  /** What {@code emulate} takes. */
  PROFILE("the profile of an emulated upstream", "emulate");

  private final String words;
  private final String command;

  DocumentKind(String words, String command) {
    this.words = words;
    this.command = command;
  }

  /**
   * Ends the reading of a document that is of another kind, or no mapping, with one mistake. A
   * document is of the kind that knows most of its keys.
   *
   * @throws dev.forebay.config.ConfigException if it is
   */
  public void check(Node document, Mistakes mistakes) {
    if (document.kind() == Node.Kind.NULL) {
      mistakes.add(document.place(), "empty", words + ": a mapping");
      mistakes.throwIfAny();
    }
    if (document.kind() != Node.Kind.MAPPING) {
      mistakes.add(document, words + ": a mapping");
      mistakes.throwIfAny();
    }
    DocumentKind found = this;
    for (DocumentKind kind : values()) {
      if (kind.known(document) > found.known(document)) {
        found = kind;
      }
    }
    if (found != this) {
      String value = found.words + ", for forebay " + found.command;
      mistakes.add(document.place(), value, words);
      mistakes.throwIfAny();
    }
  }

  private long known(Node document) {
    return document.keys().stream().filter(keys()::contains).count();
  }

  private List<String> keys() {
    return switch (this) {
      case GATEWAY -> OptionsReader.keys(GatewayDocument.class);
      case SCENARIO -> ScenarioReader.KEYS;
      case PROFILE -> OptionsReader.keys(EmulatorProfile.class);
    };
  }
}
