package dev.forebay.mysql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.MariaDb;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The hash of shards: it must never change. */
class ShardsTest {

  /** As in docs/ledger.md. */
  private static final Map<String, Integer> VECTORS =
      new TreeMap<>(Map.of("", 14, "alice", 2, "bob", 8, "user-1", 12, "user-42", 6, "ünï", 14));

  @Test
  void theVectorsHold() {
    Map<String, Integer> shards = new TreeMap<>();
    VECTORS.keySet().forEach(name -> shards.put(name, Shards.of(name)));
    assertEquals(VECTORS, shards);
  }

  @Test
  void theServerComputesTheSame() {
    MariaDb server = Servers.server("one");
    VECTORS.forEach(
        (name, shard) ->
            assertEquals(
                (long) shard,
                Servers.number(
                    server,
                    "SELECT CONV(LEFT(SHA2(CONVERT('"
                        + name
                        + "' USING utf8mb4), 256), 1), 16, 10)"
                        + " + 0"),
                name));
  }

  @Test
  void aHundredThousandIdsSpreadEvenly() {
    int[] counts = new int[Shards.COUNT];
    for (int i = 0; i < 100_000; i++) {
      counts[Shards.of("user-" + i)]++;
    }
    for (int count : counts) {
      assertTrue(Math.abs(count - 6250) <= 312, "of 6250: " + count);
    }
  }
}
