package dev.forebay.openai;

import dev.forebay.net.ConnectionRules;
import dev.forebay.net.FlushConsolidation;
import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import dev.forebay.net.RotatingClient;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.JksOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Makes HTTP clients as options say. */
final class Clients {

  private static final int MAX_HEAD_BYTES = 32 << 10;

  /** Streams of one HTTP/2 connection; more connections are opened beyond. */
  private static final int STREAMS_PER_CONNECTION = 100;

  /**
   * Bytes that may be on their way on one HTTP/2 connection: above the windows (64 KiB) of all its
   * streams together, so that callers who do not read never stop the others.
   */
  private static final int CONNECTION_WINDOW_BYTES = 16 << 20;

  /** HTTP/2 connections for requests that are sent a second time. */
  private static final int MOST_SINGLE = 2;

  /** How often the pool looks for connections that are idle for too long. */
  private static final int CLEANER_MILLIS = 250;

  private Clients() {}

  static RotatingClient create(OpenAi options, Vertx vertx) {
    ConnectionRules rules =
        new ConnectionRules(
            options.connectionAge(),
            options.keepAlive(),
            options.silence(),
            options.requestTimeout());
    return new RotatingClient(
        vertx, rules, (pooled, connected) -> client(options, vertx, pooled, connected));
  }

  /** If not pooled, HTTP/1.1 connections serve one request each, and HTTP/2 ones are few. */
  private static HttpClient client(
      OpenAi options, Vertx vertx, boolean pooled, Handler<HttpConnection> connected) {
    boolean tls = "https".equals(options.root().getScheme());
    HttpClientOptions http =
        new HttpClientOptions()
            .setConnectTimeout(millis(options.connectTimeout()))
            .setSslHandshakeTimeout(Math.max(1, options.connectTimeout().toSeconds()))
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setKeepAlive(pooled)
            .setKeepAliveTimeout(seconds(options.keepAlive()))
            .setHttp2KeepAliveTimeout(seconds(options.keepAlive()))
            .setHttp2MultiplexingLimit(STREAMS_PER_CONNECTION)
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
            .setDecompressionSupported(false);
    speak(http, options.protocol(), tls);
    if (tls) {
      secure(http, options.tls());
    }
    Proxy proxy = options.proxy();
    if (proxy != null) {
      http.setProxyOptions(proxy(proxy, options.connectTimeout()));
    }
    return HttpClients.create(
        vertx,
        http,
        pool(options, pooled),
        connection -> {
          FlushConsolidation.on(connection);
          connected.handle(connection);
        });
  }

  private static PoolOptions pool(OpenAi options, boolean pooled) {
    int most = options.maxConnections();
    int http2 = (most + STREAMS_PER_CONNECTION - 1) / STREAMS_PER_CONNECTION;
    return new PoolOptions()
        .setHttp1MaxSize(most)
        .setHttp2MaxSize(pooled ? http2 : Math.min(http2, MOST_SINGLE))
        .setMaxWaitQueueSize(most)
        .setCleanerPeriod(CLEANER_MILLIS);
  }

  private static void speak(HttpClientOptions http, Protocol protocol, boolean tls) {
    if (protocol == Protocol.HTTP1 || (protocol == Protocol.AUTO && !tls)) {
      return;
    }
    http.setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false).setUseAlpn(tls);
    http.setAlpnVersions(
        protocol == Protocol.AUTO
            ? List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1)
            : List.of(HttpVersion.HTTP_2));
  }

  private static void secure(HttpClientOptions http, Tls tls) {
    http.setSsl(true).setVerifyHost(tls.verifyHost());
    String trust = tls.trust();
    if (trust != null) {
      http.setTrustOptions(trust(trust, tls));
    }
    String certificate = tls.certificate();
    String key = tls.certificateKey();
    if (certificate != null && key != null) {
      http.setKeyCertOptions(new PemKeyCertOptions().setCertPath(certificate).setKeyPath(key));
    }
  }

  private static TrustOptions trust(String file, Tls tls) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".p12") || name.endsWith(".pfx")) {
      return new PfxOptions().setPath(file).setPassword(tls.trustPassword());
    }
    return name.endsWith(".jks")
        ? new JksOptions().setPath(file).setPassword(tls.trustPassword())
        : new PemTrustOptions().addCertPath(file);
  }

  private static ProxyOptions proxy(Proxy proxy, Duration connectTimeout) {
    HttpAddress at = proxy.address();
    return new ProxyOptions()
        .setType(proxy.socks() ? ProxyType.SOCKS5 : ProxyType.HTTP)
        .setHost(at.host())
        .setPort(at.port())
        .setUsername(proxy.username())
        .setPassword(proxy.password())
        .setConnectTimeout(connectTimeout);
  }

  private static int millis(Duration duration) {
    return (int) Math.max(1, duration.toMillis());
  }

  private static int seconds(Duration duration) {
    return (int) Math.max(1, duration.toSeconds());
  }
}
