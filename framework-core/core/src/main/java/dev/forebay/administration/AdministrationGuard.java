package dev.forebay.administration;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.http.Errors;
import dev.forebay.edge.http.Json;
import dev.forebay.edge.http.WebPages;
import io.netty.util.NetUtil;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one check in front of all routes of the administration, which asks nobody who they are:
 * {@code Host} must be the listener's own, so that no name of a stranger leads here (DNS
 * rebinding), and no page of another origin may ask.
 */
final class AdministrationGuard implements Handler<RoutingContext> {

  private final AdministrationOptions options;

  AdministrationGuard(AdministrationOptions options) {
    this.options = options;
  }

  @Override
  public void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    List<String> hosts = request.headers().getAll("host");
    String host = hosts.size() == 1 ? hosts.get(0) : "";
    if (!isOwn(WebPages.host(host), request.localAddress())) {
      refuse(
          context,
          "Host: "
              + Json.shown(host)
              + " (expected: this listener's address, or a name in administration.hosts)");
    } else if (WebPages.foreign(request, true)) {
      refuse(context, "a web page of another origin may not ask here");
    } else {
      context.next();
    }
  }

  private boolean isOwn(String host, @Nullable SocketAddress local) {
    if (host.isEmpty()) {
      return false;
    }
    List<String> named = options.hosts();
    if (named.contains("*") || host.equals(options.host().toLowerCase(Locale.ROOT))) {
      return true;
    }
    for (String name : named) {
      if (host.equals(WebPages.host(name))) {
        return true;
      }
    }
    return isAddressOf(host, address(local == null ? "" : local.hostAddress()));
  }

  /** All addresses of the loopback are one machine, as is {@code localhost}. */
  private static boolean isAddressOf(String host, @Nullable InetAddress local) {
    if (local == null) {
      return false;
    }
    InetAddress asked = address(host);
    return local.isLoopbackAddress()
        ? host.equals("localhost") || (asked != null && asked.isLoopbackAddress())
        : local.equals(asked);
  }

  /** Of a literal; no name is looked up. */
  private static @Nullable InetAddress address(@Nullable String text) {
    byte[] bytes = text == null ? null : NetUtil.createByteArrayFromIpAddressString(text);
    try {
      return bytes == null ? null : InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      return null;
    }
  }

  private static void refuse(RoutingContext context, String why) {
    Errors.write(context.response(), new BadRequest(403, "forbidden", null, why));
  }
}
