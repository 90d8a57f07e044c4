package dev.forebay.replay.run;

import dev.forebay.config.Node;
import dev.forebay.replay.trace.Carries;
import java.util.Set;

/**
 * A way to compose the plugins of a gateway: a patch of the scenario's own.
 *
 * @param name unique in its scenario
 * @param about one sentence on what it adds
 * @param needs what a trace must carry for it to make sense
 * @param gateway the whole gateway document, patched
 */
public record Combination(String name, String about, Set<Carries> needs, Node gateway) {}
