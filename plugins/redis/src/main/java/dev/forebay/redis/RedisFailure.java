package dev.forebay.redis;

import java.util.Locale;

/** Why a Redis did not do what it was asked: for the cache a miss, counted by its reason. */
public final class RedisFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final Reason reason;
  private final String said;

  /** A failure; it has no stack trace. */
  public RedisFailure(Reason reason, String message) {
    super(reason.word() + ": " + message, null, false, false);
    this.reason = reason;
    this.said = message;
  }

  /** The message without the reason: of an error of a server, what it said. */
  String said() {
    return said;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /**
   * What a server's error means, by its first word.
   *
   * @param message as the server sent it, such as {@code READONLY You can't write …}
   */
  public static RedisFailure of(String message) {
    int space = message.indexOf(' ');
    return new RedisFailure(reasonOf(space < 0 ? message : message.substring(0, space)), message);
  }

  private static Reason reasonOf(String word) {
    return switch (word) {
      case "OOM" -> Reason.FULL;
      case "READONLY", "MISCONF", "NOREPLICAS" -> Reason.READ_ONLY;
      case "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN" -> Reason.LOADING;
      case "NOAUTH", "WRONGPASS", "NOPERM", "DENIED" -> Reason.REFUSED;
      case "CONNECTION_CLOSED" -> Reason.GONE;
      default -> Reason.ERROR;
    };
  }

  /** Why a Redis did not do what it was asked. */
  public enum Reason {
    /** No answer within the bound: slow, paused, or the network is. */
    TIMEOUT,
    /** No connection. */
    GONE,
    /** Not asked: it did not answer of late. */
    CIRCUIT_OPEN,
    /** Not asked: as much as may be is under way. */
    BUSY,
    /** Out of memory: it takes no writes. */
    FULL,
    /** A replica, or its disk fails: it takes no writes. */
    READ_ONLY,
    /** It is reading its data, runs a script, or its cluster has no majority. */
    LOADING,
    /** Wrong user, password or permissions. */
    REFUSED,
    /** Any other error. */
    ERROR;

    /** As counters and messages have it: lower case, joined by hyphens. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether it says that asking again soon is in vain. */
    boolean opensCircuit() {
      return this == TIMEOUT || this == GONE || this == LOADING || this == REFUSED;
    }

    /** Whether it says that writing again soon is in vain, while reading is not. */
    boolean opensForWrites() {
      return this == FULL || this == READ_ONLY;
    }
  }
}
