package dev.forebay.balancing.affinity;

import dev.forebay.spi.Caller;
import dev.forebay.spi.RequestInfo;

/** By what requests belong together. All come from parsed fields, none from a prompt's text. */
public enum AffinityKey {
  /** The conversation: the header {@code x-forebay-session}, or the edge's affinity cookie. */
  SESSION,
  /** The end user that the request's field {@code user} names. */
  USER,
  /** The tenant. */
  TENANT,
  /** The API key. */
  KEY,
  /** The caller's network address. */
  ADDRESS;

  /** The value for a request, in its tenant's name space; empty where it has none. */
  public String of(RequestInfo request) {
    Caller caller = request.caller();
    return switch (this) {
      case SESSION -> scoped(caller.tenant(), caller.session());
      case USER -> scoped(caller.tenant(), caller.user());
      case TENANT -> caller.tenant();
      case KEY -> caller.keyId();
      case ADDRESS -> caller.address();
    };
  }

  private static String scoped(String tenant, String name) {
    return name.isEmpty() ? "" : tenant + '\n' + name;
  }
}
