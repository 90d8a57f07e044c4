package dev.forebay.balancing.affinity;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints were last sent a prompt that begins with a block: where its keys and values are
 * likely to be cached. A guess from what was sent, not from what servers report; bounded, least
 * recently used first out.
 */
public final class PrefixTable {

  /** Endpoints that are remembered for a block; the one that was sent it longest ago goes first. */
  public static final int OWNERS = 4;

  private final int maxBlocks;
  private final int depth;
  private final LinkedHashMap<Long, Endpoint[]> owners = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * An empty table.
   *
   * @param maxBlocks blocks that it holds at most
   * @param depth leading blocks of a prompt that it looks at, at most
   */
  public PrefixTable(int maxBlocks, int depth) {
    this.maxBlocks = maxBlocks;
    this.depth = depth;
  }

  /**
   * Who was sent a block, which stands for all before it.
   *
   * @param index of the block, from 0; below {@link #depthOf}
   * @return 1 to {@link #OWNERS} endpoints, the latest first; null where nobody was
   */
  public Endpoint @Nullable [] ownersOf(PrefixHashes prefix, int index) {
    return owners.get(prefix.get(index));
  }

  /** How many of a prompt's blocks count. */
  public int depthOf(PrefixHashes prefix) {
    return Math.min(depth, prefix.size());
  }

  /** An endpoint is sent a prompt. */
  public void sent(PrefixHashes prefix, Endpoint endpoint) {
    for (int i = depthOf(prefix) - 1; i >= 0; i--) {
      long block = prefix.get(i);
      Endpoint[] before = owners.get(block);
      if (before == null) {
        owners.put(block, new Endpoint[] {endpoint});
      } else if (before[0] != endpoint) {
        owners.put(block, first(endpoint, before));
      }
    }
    while (owners.size() > maxBlocks) {
      owners.remove(owners.keySet().iterator().next());
    }
  }

  private static Endpoint[] first(Endpoint endpoint, Endpoint[] before) {
    List<Endpoint> all = new ArrayList<>(OWNERS);
    all.add(endpoint);
    for (Endpoint owner : before) {
      if (owner != endpoint && all.size() < OWNERS) {
        all.add(owner);
      }
    }
    return all.toArray(Endpoint[]::new);
  }

  /** Lets go of endpoints that are not members. */
  public void retain(List<Endpoint> members) {
    Iterator<Map.Entry<Long, Endpoint[]>> entries = owners.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Long, Endpoint[]> entry = entries.next();
      List<Endpoint> left = new ArrayList<>(List.of(entry.getValue()));
      if (left.retainAll(members)) {
        if (left.isEmpty()) {
          entries.remove();
        } else {
          entry.setValue(left.toArray(Endpoint[]::new));
        }
      }
    }
  }

  /** Blocks held. */
  public int size() {
    return owners.size();
  }
}
