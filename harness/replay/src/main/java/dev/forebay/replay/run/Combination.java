package dev.forebay.replay.run;

import dev.forebay.config.Node;
import dev.forebay.gateway.Blueprint;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import java.util.EnumSet;
import java.util.Set;

/**
 * A way to compose the plugins of a gateway: a patch of the scenario's own.
 *
 * @param name unique in its scenario
 * @param about one sentence on what it adds
 * @param needs what a trace must carry for it to make sense
 * @param blueprint the whole gateway, patched
 * @param document the same as a document
 */
public record Combination(
    String name, String about, Set<Carries> needs, Blueprint blueprint, Node document) {

  /** What it needs and a trace lacks. */
  public Set<Carries> missing(Trace trace) {
    EnumSet<Carries> missing = EnumSet.noneOf(Carries.class);
    missing.addAll(needs);
    missing.removeAll(trace.carries());
    return missing;
  }

  /** Whether {@code --assert} and the shell can name it: words of letters, digits, _ and -. */
  static boolean isName(String name) {
    return name.matches("[A-Za-z0-9_][A-Za-z0-9_-]{0,39}");
  }
}
