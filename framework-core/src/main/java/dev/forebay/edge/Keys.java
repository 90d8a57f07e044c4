package dev.forebay.edge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The API keys that a gateway knows, by their SHA-256: the keys themselves are not kept. Without
 * any, the gateway is open to all.
 */
public final class Keys {

  /** No keys: everybody may ask, as the tenant {@code default}, at the standard priority. */
  public static final Keys OPEN = new Keys(Map.of());

  private final Map<Long, List<Key>> byStart;

  private Keys(Map<Long, List<Key>> byStart) {
    this.byStart = byStart;
  }

  /**
   * Keys.
   *
   * @param keys what callers may present
   * @param options for the names of priorities
   * @throws IllegalArgumentException where an id or a key is there twice, or a priority is unknown
   */
  public static Keys of(List<KeyOptions> keys, EdgeOptions options) {
    Map<Long, List<Key>> byStart = new HashMap<>();
    Set<String> ids = new HashSet<>();
    for (KeyOptions one : keys) {
      Key key = key(one, options);
      if (!ids.add(one.id())) {
        throw new IllegalArgumentException("keys: " + one.id() + " is there twice");
      }
      List<Key> same = byStart.computeIfAbsent(start(key.sha256), start -> new ArrayList<>());
      if (same.stream().anyMatch(other -> MessageDigest.isEqual(other.sha256, key.sha256))) {
        throw new IllegalArgumentException("keys: " + one.id() + " equals another key");
      }
      same.add(key);
    }
    return new Keys(byStart);
  }

  /** Whether everybody may ask. */
  public boolean open() {
    return byStart.isEmpty();
  }

  /** What a presented key allows; null where it is unknown. Compared in constant time. */
  @Nullable Key find(String presented) {
    byte[] hash = sha256(presented);
    for (Key key : byStart.getOrDefault(start(hash), List.of())) {
      if (MessageDigest.isEqual(key.sha256, hash)) {
        return key;
      }
    }
    return null;
  }

  private static Key key(KeyOptions one, EdgeOptions options) {
    String hex = one.sha256();
    String plain = one.key();
    byte[] hash = hex != null ? HexFormat.of().parseHex(hex) : sha256(plain == null ? "" : plain);
    try {
      int priority = options.priority(one.priority());
      return new Key(one.id(), one.tenant(), priority, Set.copyOf(one.models()), hash);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("key " + one.id() + ": priority: " + e.getMessage(), e);
    }
  }

  private static long start(byte[] hash) {
    return ByteBuffer.wrap(hash).getLong();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What a key allows. */
  static final class Key {
    final String id;
    final String tenant;
    final int priority;
    private final Set<String> models;
    private final byte[] sha256;

    Key(String id, String tenant, int priority, Set<String> models, byte[] sha256) {
      this.id = id;
      this.tenant = tenant;
      this.priority = priority;
      this.models = models;
      this.sha256 = sha256;
    }

    boolean mayUse(String model) {
      return models.isEmpty() || models.contains(model);
    }
  }
}
