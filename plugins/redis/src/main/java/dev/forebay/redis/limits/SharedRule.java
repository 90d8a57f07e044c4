package dev.forebay.redis.limits;

import dev.forebay.limiting.rate.Meter;
import dev.forebay.limiting.rate.Rule;
import dev.forebay.limiting.rate.Shareable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A limit of another plugin, counted in the store. */
final class SharedRule<L> implements Rule<L> {

  private static final int LONGEST_KEY = 160;

  /** Gateways agree on who share a meter if the table is full. */
  private static final long SALT = 0x5bd1e995a3c59ac3L;

  private final Shareable<L> shareable;
  private final Rule<L> counted;
  private final LeaseStore store;
  private final double localShare;

  /**
   * A rule.
   *
   * @param localShare the share of the limit that each gateway has without the store
   */
  SharedRule(Shareable<L> shareable, LeaseStore store, double localShare) {
    this.shareable = shareable;
    this.counted = shareable.rule();
    this.store = store;
    this.localShare = localShare;
    counting(counted.limit());
    counted.own().values().forEach(this::counting);
  }

  LeaseStore store() {
    return store;
  }

  Counting counting(L limit) {
    return Counting.of(shareable.terms(limit));
  }

  /** The key in the store: of this limit, of its kind, of that key. */
  String storeKey(String key, Counting counting) {
    return store.prefix()
        + ":"
        + shareable.name()
        + ":"
        + of()
        + ":"
        + counting.kind()
        + ":{"
        + (key.length() <= LONGEST_KEY ? key : digest(key))
        + "}";
  }

  private String of() {
    return shareable.setup().of().name().toLowerCase(java.util.Locale.ROOT);
  }

  private static String digest(String key) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  L share(L limit) {
    return shareable.share(limit, localShare);
  }

  /** What is counted here while the store is gone. */
  Meter<L> local(L limit, long now) {
    return counted.meter(share(limit), now);
  }

  long windowNanos(L limit) {
    return counted.meter(limit, 0).windowNanos();
  }

  @Override
  public L limit() {
    return counted.limit();
  }

  @Override
  public Map<String, L> own() {
    return counted.own();
  }

  @Override
  public L limit(double quota) {
    L limit = counted.limit(quota);
    counting(limit);
    return limit;
  }

  /** What is told of a key that nobody has asked about. */
  @Override
  public Meter<L> meter(L limit, long now) {
    return counted.meter(limit, now);
  }

  @Override
  public Meter<L> meter(String key, L limit, long now) {
    return new Leased<>(this, key, limit);
  }

  @Override
  public long salt(RandomGenerator chance) {
    return SALT;
  }
}
