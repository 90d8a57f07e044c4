package dev.forebay.health.http;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.policy.HealthProbe;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks an endpoint's host by HTTP, and expects a status and a text in the body.
 *
 * @param path with its query, from the root of the host
 * @param port to ask; 0 for that of the endpoint's address
 * @param status what counts as up
 * @param body a text that the body must hold; null for none
 * @param headers of the question
 * @param trust PEM file of the certificates to trust in the place of the JDK's; null for those
 * @param verifyHost whether the certificate must name the host
 * @param proxy on the way, {@code http://HOST:PORT}; null for none
 */
@RecordBuilder
@Doc("Asks the endpoint's host by HTTP GET, and expects a status and a text in the body.")
public record Http(
    @Doc("path, with its query, from the root of the host") @Default("/health") String path,
    @Doc("port to ask; 0: that of the endpoint's address")
        @Default("0")
        @Range(min = 0, max = 65_535)
        int port,
    @Doc("statuses that mean that it is up") @Default("[200]") @Range(min = 100, max = 599)
        List<Integer> status,
    @Doc("a text that the first 64 KiB of the body must hold; none where it is not given")
        @Nullable String body,
    @Doc("headers of the question, such as authorization") @Default("{}") @Secret
        Map<String, String> headers,
    @Doc(
            "PEM file of the certificates to trust in the place of the JDK's; what a backend has"
                + " in its tls is to be said here, too")
        @FileName
        @Nullable String trust,
    @Doc("whether the certificate must name the host") @Default("true") boolean verifyHost,
    @Doc("proxy on the way, http://HOST:PORT") @Nullable String proxy)
    implements Plugin<HealthProbe>, HttpBuilder.With {

  /** Copies, and checks the path and the proxy. */
  public Http {
    status = List.copyOf(status);
    headers = Map.copyOf(headers);
    if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("path: expected one that begins with /, in ASCII");
    }
    if (status.isEmpty()) {
      throw new IllegalArgumentException("status: none (expected: at least one)");
    }
    address(proxy);
  }

  /** The probe of a path that is to answer 200. */
  public static Http path(String path) {
    return Options.defaults(Http.class).withPath(path);
  }

  @Nullable HttpAddress proxyAddress() {
    return address(proxy);
  }

  private static @Nullable HttpAddress address(@Nullable String proxy) {
    if (proxy == null) {
      return null;
    }
    try {
      HttpAddress address = HttpAddress.parse(proxy);
      if (!address.https() && address.path().isEmpty() && proxy.matches(".*:[0-9]+/?")) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the text: it may hold a password
    }
    throw new IllegalArgumentException(
        "proxy: no HTTP URL (expected: http://HOST:PORT, without a user)");
  }

  @Override
  public String toString() {
    return Redacted.text(this);
  }

  @Override
  public HealthProbe create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "http: there is no network here (expected: a gateway on Vert.x)"));
    return new HttpProbe(this, vertx);
  }
}
