package dev.forebay.openai;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import dev.forebay.spi.Secret;
import dev.forebay.spi.Unit;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an OpenAI-compatible API is, and how to speak to it.
 *
 * @param id unique in the pool
 * @param url root of the API: {@code https://api.deepseek.com} stands for {@code
 *     https://api.deepseek.com/v1}; a path that is given is taken as it is
 * @param key the API key, sent as {@code Authorization: Bearer}; null for none
 * @param account whom the key belongs to: endpoints of one account share limits and balance; null
 *     where the endpoint is an account of its own
 * @param models models that it offers; empty where it takes any
 * @param connectTimeout how long to wait for a connection
 * @param requestTimeout how long a request may take from sending to the last byte
 * @param maxConnections connections, and so requests, that may be open at once
 * @param maxAnswer bytes of a whole answer, or of one event of a stream
 * @param headers further headers of every request
 */
@Doc("Any server with an OpenAI-compatible API, streamed and whole.")
public record OpenAiOptions(
    @Doc("Name of the endpoint, unique in its pool.") String id,
    @Doc(
            "Root of the API. Without a path, /v1 is added: https://api.deepseek.com stands for"
                + " https://api.deepseek.com/v1.")
        String url,
    @Doc("API key, sent as Authorization: Bearer.") @Secret @Nullable String key,
    @Doc("Account that the key belongs to, whose limits it shares; by default its own.")
        @Nullable String account,
    @Doc("Models that it offers; empty where it takes any.") @Default("[]") List<String> models,
    @Doc(
            "How long to wait for a connection. Proxies often take 60 s; here another endpoint can"
                + " answer, so the wait is short.")
        @Default("5s")
        @Range(min = 0.001, max = 600)
        Duration connectTimeout,
    @Doc(
            "How long a request may take, from sending to the last byte. DeepSeek gives up on"
                + " requests that it has queued for 10 minutes.")
        @Default("600s")
        @Range(min = 0.001, max = 86_400)
        Duration requestTimeout,
    @Doc("Connections, and so requests, that may be open at once.")
        @Default("1024")
        @Range(min = 1, max = 1_000_000)
        @Unit("connections")
        int maxConnections,
    @Doc("Largest whole answer, and largest event of a stream.")
        @Default("64MiB")
        @Range(min = 1024, max = 1L << 30)
        @Unit("bytes")
        long maxAnswer,
    @Doc("Further headers of every request.") @Default("{}") @Secret Map<String, String> headers) {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(10);
  private static final int MAX_CONNECTIONS = 1024;
  private static final long MAX_ANSWER = 64 << 20;

  /** Checks the URL, and copies. */
  public OpenAiOptions {
    root(url);
    models = List.copyOf(models);
    headers = Map.copyOf(headers);
  }

  /** An endpoint with everything else at its default. */
  public static OpenAiOptions at(String id, String url) {
    return new OpenAiOptions(
        id,
        url,
        null,
        null,
        List.of(),
        CONNECT_TIMEOUT,
        REQUEST_TIMEOUT,
        MAX_CONNECTIONS,
        MAX_ANSWER,
        Map.of());
  }

  /** This endpoint with a key. */
  public OpenAiOptions withKey(String other) {
    return new OpenAiOptions(
        id,
        url,
        other,
        account,
        models,
        connectTimeout,
        requestTimeout,
        maxConnections,
        maxAnswer,
        headers);
  }

  /** This endpoint as part of an account. */
  public OpenAiOptions withAccount(String other) {
    return new OpenAiOptions(
        id,
        url,
        key,
        other,
        models,
        connectTimeout,
        requestTimeout,
        maxConnections,
        maxAnswer,
        headers);
  }

  /** This endpoint for some models. */
  public OpenAiOptions withModels(List<String> some) {
    return new OpenAiOptions(
        id,
        url,
        key,
        account,
        some,
        connectTimeout,
        requestTimeout,
        maxConnections,
        maxAnswer,
        headers);
  }

  /** This endpoint with other bounds on time. */
  public OpenAiOptions withTimeouts(Duration connect, Duration request) {
    return new OpenAiOptions(
        id, url, key, account, models, connect, request, maxConnections, maxAnswer, headers);
  }

  /** This endpoint with other bounds on connections and on bytes of an answer. */
  public OpenAiOptions withBounds(int connections, long answerBytes) {
    return new OpenAiOptions(
        id,
        url,
        key,
        account,
        models,
        connectTimeout,
        requestTimeout,
        connections,
        answerBytes,
        headers);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "OpenAiOptions[" + id + " at " + url + "]";
  }

  /** The root of the API, with its path. */
  URI root() {
    return root(url);
  }

  private static URI root(String url) {
    try {
      URI uri = new URI(url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && plain(uri)) {
        String path = uri.getPath().replaceAll("/+$", "");
        return uri.resolve(path.isEmpty() ? "/v1" : path);
      }
    } catch (URISyntaxException e) {
      // said below, without the text: it may hold a password
    }
    throw new IllegalArgumentException(
        "url: expected http://HOST[:PORT][/PATH] or https://…, without user, query or fragment");
  }

  private static boolean plain(URI uri) {
    return uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
  }
}
