package dev.forebay.edge.identity;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.ledger.IssuedKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * The API keys that a gateway knows, by hashes: the keys themselves are not kept. Without any, the
 * gateway is open to all.
 *
 * <p>A hash is looked up by a MAC of it with a secret of this process, and then compared in
 * constant time. So how long a look-up takes says nothing about the keys that are there: a caller
 * cannot choose the MAC, nor learn which part of it was right.
 */
public final class Keys {

  /** No keys: everybody may ask, as the tenant {@code default}, at the standard priority. */
  public static final Keys OPEN = new Keys(null);

  private final byte[] processSecret = new byte[32];
  private final byte @Nullable [] hashSecret;
  private final Map<Long, List<Key>> byMac = new HashMap<>();
  private final Map<String, Key> bySubject = new HashMap<>();
  private List<CallerKeys> issued = List.of();
  private boolean plain;
  private boolean keyed;

  private Keys(byte @Nullable [] hashSecret) {
    this.hashSecret = hashSecret;
    new SecureRandom().nextBytes(processSecret);
  }

  /** Keys, without a secret for their hashes. */
  public static Keys of(List<KeyOptions> keys, ToIntFunction<String> priorities) {
    return of(keys, priorities, null);
  }

  /**
   * Keys.
   *
   * @param keys what callers may present
   * @param priorities the priority of a name; throws IllegalArgumentException if there is none
   * @param hashSecret what hashes were made with, where some are {@code hmac-sha256}
   * @throws IllegalArgumentException where an id or a key is there twice, a priority is unknown, or
   *     a secret is missing or too short
   */
  public static Keys of(
      List<KeyOptions> keys, ToIntFunction<String> priorities, @Nullable String hashSecret) {
    return of(
        keys,
        priorities,
        hashSecret,
        (key, option, message) -> {
          throw new IllegalArgumentException("key " + key.id() + ": " + option + ": " + message);
        });
  }

  /**
   * Tells everything that keeps keys from standing beside each other.
   *
   * @param faults takes each with the key, the option and {@code VALUE (expected: EXPECTATION)}
   */
  public static void check(
      List<KeyOptions> keys,
      ToIntFunction<String> priorities,
      @Nullable String hashSecret,
      Faults faults) {
    of(keys, priorities, hashSecret, faults);
  }

  private static Keys of(
      List<KeyOptions> keys,
      ToIntFunction<String> priorities,
      @Nullable String hashSecret,
      Faults faults) {
    Keys known = new Keys(hashSecret == null ? null : KeyHash.secret(hashSecret));
    Set<String> ids = new HashSet<>();
    for (KeyOptions one : keys) {
      if (!ids.add(one.id())) {
        faults.add(one, "id", one.id() + " (expected: an id that no other key has)");
      }
      known.add(one, priorities, faults);
    }
    return known;
  }

  /** Takes what is wrong with a key beside others. */
  @FunctionalInterface
  public interface Faults {
    /** Takes one thing. */
    void add(KeyOptions key, String option, String message);
  }

  /** These keys, and others that come and go; those of the document come first. */
  public Keys with(List<CallerKeys> others) {
    if (!others.isEmpty()) {
      issued = List.copyOf(others);
    }
    return this;
  }

  /**
   * The key of the caller: by the client certificate of the connection, or else by what is shown.
   *
   * @return null if everybody may ask
   * @throws BadRequest 401 if no key is shown, or an unknown one; 503 if it is not known yet
   *     whether it is one; 400 if there are two
   */
  public @Nullable Key authenticate(HttpServerRequest request) {
    if (open()) {
      return null;
    }
    Key certified = find(request.connection());
    if (certified != null) {
      return certified;
    }
    String shown = Credentials.of(request.headers());
    if (shown == null) {
      throw new BadRequest(
          401, "missing_api_key", null, "Authorization: missing (expected: Bearer and an API key)");
    }
    boolean allRead = allRead(); // asked first: they may be read meanwhile
    Key key = find(shown);
    if (key == null && !allRead) {
      throw new BadRequest(503, "keys_unread", null, "API keys have not been read yet");
    }
    if (key == null) {
      throw new BadRequest(401, "invalid_api_key", null, "Authorization: unknown API key");
    }
    return key;
  }

  private boolean open() {
    return byMac.isEmpty() && bySubject.isEmpty() && issued.isEmpty();
  }

  /** What a presented key allows; null where it is unknown. */
  public @Nullable Key find(String presented) {
    byte[] bytes = presented.getBytes(StandardCharsets.UTF_8);
    byte[] hash = plain || !issued.isEmpty() ? KeyHash.sha256(bytes) : null;
    Key found = plain && hash != null ? find(hash) : null;
    byte[] secret = hashSecret;
    if (found == null && keyed && secret != null) {
      found = find(KeyHash.hmac(secret, bytes));
    }
    return found == null && hash != null ? issued(hash) : found;
  }

  /** A look-up by the hash of 256 random bits: how long it takes tells nothing of use. */
  private @Nullable Key issued(byte[] hash) {
    String hex = HexFormat.of().formatHex(hash);
    for (CallerKeys keys : issued) {
      IssuedKey key = keys.find(hex);
      if (key != null) {
        return new Key(key.id(), key.tenant(), key.priority(), Set.copyOf(key.models()), hash);
      }
    }
    return null;
  }

  /** Whether a key that is not found is none: not before the keys of sections have been read. */
  private boolean allRead() {
    for (CallerKeys keys : issued) {
      if (!keys.allRead()) {
        return false;
      }
    }
    return true;
  }

  /** What the client certificate of a connection allows; null where there is none that is known. */
  private @Nullable Key find(HttpConnection connection) {
    SSLSession session = bySubject.isEmpty() ? null : connection.sslSession();
    try {
      Principal peer = session == null ? null : session.getPeerPrincipal();
      return peer instanceof X500Principal subject
          ? bySubject.get(subject.getName(X500Principal.CANONICAL))
          : null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // it showed none
    }
  }

  private @Nullable Key find(byte[] hash) {
    for (Key key : byMac.getOrDefault(mac(hash), List.of())) {
      if (MessageDigest.isEqual(key.hash, hash)) {
        return key;
      }
    }
    return null;
  }

  private void add(KeyOptions one, ToIntFunction<String> priorities, Faults faults) {
    String subject = one.subject();
    if (subject != null) {
      Key key = key(one, priorities, new byte[0], faults);
      if (bySubject.put(KeyOptions.principal(subject), key) != null) {
        faults.add(one, "subject", subject + " (expected: a subject that no other key has)");
      }
      return;
    }
    byte[] hash = hash(one, faults);
    List<Key> same = byMac.computeIfAbsent(mac(hash), mac -> new ArrayList<>());
    if (same.stream().anyMatch(other -> MessageDigest.isEqual(other.hash, hash))) {
      String form = one.key() != null ? "key" : one.hash() != null ? "hash" : "sha256";
      faults.add(one, form, "*** (expected: a key that is in no other entry)");
    }
    same.add(key(one, priorities, hash, faults));
  }

  private byte[] hash(KeyOptions one, Faults faults) {
    String hash = one.hash();
    if (hash != null) {
      KeyHash parsed = KeyHash.parse(hash);
      if (parsed.keyed() && hashSecret == null) {
        faults.add(one, "hash", "hmac-sha256 without a secret (expected: key-hash-secret)");
      }
      keyed |= parsed.keyed();
      plain |= !parsed.keyed();
      return parsed.digest();
    }
    plain = true;
    String hex = one.sha256();
    String key = String.valueOf(one.key());
    return hex != null
        ? HexFormat.of().parseHex(hex)
        : KeyHash.sha256(key.getBytes(StandardCharsets.UTF_8));
  }

  private static Key key(
      KeyOptions one, ToIntFunction<String> priorities, byte[] hash, Faults faults) {
    int priority = 0;
    try {
      priority = priorities.applyAsInt(one.priority());
    } catch (IllegalArgumentException e) {
      faults.add(one, "priority", String.valueOf(e.getMessage()));
    }
    return new Key(one.id(), one.tenant(), priority, Set.copyOf(one.models()), hash);
  }

  private long mac(byte[] hash) {
    return ByteBuffer.wrap(KeyHash.hmac(processSecret, hash)).getLong();
  }

  /** What a key allows. */
  public static final class Key {
    private final String id;
    private final String tenant;
    private final int priority;
    private final Set<String> models;
    private final byte[] hash;

    Key(String id, String tenant, int priority, Set<String> models, byte[] hash) {
      this.id = id;
      this.tenant = tenant;
      this.priority = priority;
      this.models = models;
      this.hash = hash;
    }

    /** The key's id, which is no secret. */
    public String id() {
      return id;
    }

    /** The tenant that the key belongs to. */
    public String tenant() {
      return tenant;
    }

    /** The priority of its requests, unless they name a lower one. */
    public int priority() {
      return priority;
    }

    /** Whether it may use a model. */
    public boolean mayUse(String model) {
      return models.isEmpty() || models.contains(model);
    }
  }
}
