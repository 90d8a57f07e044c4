package dev.forebay.edge.http;

import dev.forebay.edge.identity.AffinityCookie;
import dev.forebay.edge.identity.ProxyOptions;
import dev.forebay.edge.tls.TlsOptions;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the HTTP surface.
 *
 * @param host where to listen
 * @param port where to listen; 0 picks a free one
 * @param eventLoops how many event loops accept connections; 0 for one per processor
 * @param maxBody bytes of a request's body; a larger one is answered 413
 * @param maxHeader bytes of a request's head; a larger one is answered 431
 * @param maxRequests requests that may be open at once; further ones are answered 503
 * @param bodyTimeout how long a body may take to arrive; a slower one is answered 408
 * @param idleTimeout how long a connection may stay open without a request
 * @param stallTimeout how long a caller may stop reading its answer before it counts as gone
 * @param drainTimeout how long requests under way may take to end when the gateway closes
 * @param priorities names of the priorities 0, 1 and so on
 * @param headTimeout how long the head of a request may take to arrive; a connection whose takes
 *     longer is closed
 * @param maxConnections connections that may be open at once; further ones are closed at once
 * @param proxies who may say for whom they ask
 * @param tls how callers are spoken to in secret; null for plain HTTP
 * @param cors which pages of other origins may ask from a browser; null for none
 * @param affinityCookie gives callers who name no session one; null for none
 * @param cacheKey what makes two requests one to a cache
 */
@RecordBuilder
@Doc("The HTTP surface of a gateway, in OpenAI's form.")
public record EdgeOptions(
    @Doc("Address to listen on.") @Default("127.0.0.1") String host,
    @Doc("Port to listen on; 0 picks a free one.") @Default("8080") @Range(min = 0, max = 65535)
        int port,
    @Doc("Event loops that accept connections; 0 for one per processor.")
        @Default("0")
        @Range(min = 0, max = 1024)
        int eventLoops,
    @Doc("Largest body of a request; a larger one is answered 413.")
        @Default("8MiB")
        @Range(min = 1, max = 1L << 30)
        @Unit("bytes")
        long maxBody,
    @Doc("Largest head of a request; a larger one is answered 431.")
        @Default("16KiB")
        @Range(min = 1024, max = 1 << 20)
        @Unit("bytes")
        long maxHeader,
    @Doc("Requests that may be open at once; further ones are answered 503.")
        @Default("10000")
        @Range(min = 1, max = 10_000_000)
        @Unit("requests")
        int maxRequests,
    @Doc("How long a body may take to arrive; a slower one is answered 408.")
        @Default("30s")
        @Range(min = 0.001, max = 3600)
        Duration bodyTimeout,
    @Doc("How long a connection may stay open without a request.")
        @Default("60s")
        @Range(min = 0.001, max = 86_400)
        Duration idleTimeout,
    @Doc("How long a caller may stop reading its answer before it counts as gone.")
        @Default("60s")
        @Range(min = 0.001, max = 3600)
        Duration stallTimeout,
    @Doc("How long requests under way may take to end when the gateway closes.")
        @Default("30s")
        @Range(min = 0, max = 3600)
        Duration drainTimeout,
    @Doc("Names of the priorities, the most urgent first.") @Default("[vip, standard, batch]")
        List<String> priorities,
    @Doc("How long the head of a request may take to arrive; a slower connection is closed.")
        @Default("10s")
        @Range(min = 0.001, max = 3600)
        Duration headTimeout,
    @Doc("Connections that may be open at once; further ones are closed at once.")
        @Default("20000")
        @Range(min = 1, max = 10_000_000)
        @Unit("connections")
        int maxConnections,
    @Doc("Proxies that may say for whom they ask.") @Default("{}") ProxyOptions proxies,
    @Doc("TLS, also with certificates of clients; without it, plain HTTP.")
        @Nullable TlsOptions tls,
    @Doc("Pages of other origins that may ask from a browser; without it, none.")
        @Nullable CorsOptions cors,
    @Doc("A cookie that gives callers who name no session one; without it there is none.")
        @Nullable AffinityCookie affinityCookie,
    @Doc("What makes two requests one to a cache.") @Default("{}") CacheKeyOptions cacheKey)
    implements EdgeOptionsBuilder.With {

  /** Everything at its default. */
  public static final EdgeOptions DEFAULTS = Options.defaults(EdgeOptions.class);

  /** Checks the names of priorities, and copies them. */
  public EdgeOptions {
    priorities = List.copyOf(priorities);
    if (priorities.size() > RequestInfo.LEAST_PRIORITY + 1) {
      throw new IllegalArgumentException(
          "priorities: " + priorities.size() + " names (expected: at most 8)");
    }
  }

  /** These options at another place. */
  public EdgeOptions at(String otherHost, int otherPort) {
    return withHost(otherHost).withPort(otherPort);
  }

  /**
   * The priority that a number (0 to 7) or a name stands for.
   *
   * @throws IllegalArgumentException for anything else; the message says what was expected
   */
  public int priority(String text) {
    int named = priorities.indexOf(text);
    if (named >= 0) {
      return named;
    }
    if (text.length() == 1 && text.charAt(0) >= '0' && text.charAt(0) <= '7') {
      return text.charAt(0) - '0';
    }
    throw new IllegalArgumentException(
        text
            + " (expected: 0 to 7"
            + (priorities.isEmpty() ? "" : ", or " + Names.oneOf(priorities, text))
            + ")");
  }
}
