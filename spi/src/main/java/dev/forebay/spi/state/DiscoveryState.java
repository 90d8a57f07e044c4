package dev.forebay.spi.state;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the source of a pool's members.
 *
 * @param state whether the list is current
 * @param why the source fails; null if it does not
 * @param leftOut the first instance of which no backend could be made, and why; null if there is
 *     none
 * @param forMillis for how long the state has lasted, in milliseconds
 * @param members ids of the instances in the list that holds; empty if there was no list yet
 */
public record DiscoveryState(
    State state,
    @Nullable String why,
    @Nullable String leftOut,
    long forMillis,
    List<String> members)
    implements PartState {

  /** Copies. */
  public DiscoveryState {
    members = List.copyOf(members);
  }

  /** Whether the list is current. */
  public enum State {
    /** There was no list yet. */
    WAITING,
    /** The list is the source's latest. */
    CURRENT,
    /** The source fails: the last list holds. */
    FAILING;

    /** As JSON has it: lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
