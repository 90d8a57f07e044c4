package dev.forebay.limiting.rate;

import dev.forebay.spi.Caller;
import dev.forebay.spi.RequestInfo;
import java.util.List;
import java.util.Locale;

/**
 * Whose requests count together, as text.
 *
 * @param per the attribute that has limits of its own
 * @param andPer further attributes that are counted apart
 * @param groupIpv6 whether the addresses of one IPv6 /64 network, which is what one customer gets,
 *     count as one
 */
public record Keys(Per per, List<Per> andPer, boolean groupIpv6) {

  private static final char BETWEEN = '\n';

  /** The key under which a request counts. */
  String of(RequestInfo request) {
    String first = value(per, request);
    if (andPer.isEmpty()) {
      return first;
    }
    StringBuilder key = new StringBuilder(first);
    for (Per each : andPer) {
      key.append(BETWEEN).append(value(each, request));
    }
    return key.toString();
  }

  /** The part of the key that limits of their own are named by. */
  String own(RequestInfo request) {
    return value(per, request);
  }

  private String value(Per attribute, RequestInfo request) {
    Caller caller = request.caller();
    return switch (attribute) {
      case IP -> address(caller);
      case KEY -> caller.keyId().isEmpty() ? "no key, " + address(caller) : caller.keyId();
      case TENANT -> caller.tenant();
      case USER -> caller.tenant() + '/' + caller.user();
      case SESSION -> caller.tenant() + '/' + caller.session();
      case MODEL -> request.model();
      case OPERATION -> request.operation().name().toLowerCase(Locale.ROOT);
      case PRIORITY -> Integer.toString(request.priority());
      case GATEWAY -> "all";
    };
  }

  private String address(Caller caller) {
    return groupIpv6 ? Ipv6.network(caller.address()) : caller.address();
  }
}
