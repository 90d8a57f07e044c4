package dev.forebay.openai;

import dev.forebay.spi.Backend;
import dev.forebay.spi.Plugin;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Describes a backend {@code openai} in code. Not for use from several threads. */
public final class OpenAi {

  private final String id;
  private final @Nullable Preset preset;
  private final @Nullable String url;
  private @Nullable String key;
  private @Nullable String keyFile;
  private Duration keyRefresh = Duration.ofSeconds(5);
  private @Nullable String account;
  private List<String> models = List.of();
  private Duration connectTimeout = Duration.ofSeconds(5);
  private Duration requestTimeout = Duration.ofMinutes(10);
  private Protocol protocol = Protocol.AUTO;
  private int maxConnections = 16_384;
  private Duration keepAlive = Duration.ofSeconds(4);
  private Duration connectionAge = Duration.ofMinutes(5);
  private Duration silence = Duration.ofSeconds(10);
  private long maxAnswer = 64 << 20;
  private boolean askUsage = true;
  private @Nullable String tenantField;
  private Tls tls = Tls.DEFAULT;
  private @Nullable Proxy proxy;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private List<String> passHeaders =
      List.of("traceparent", "tracestate", "openai-organization", "openai-project");
  private List<String> returnHeaders = List.of("x-ratelimit-*", "openai-processing-ms");

  private OpenAi(String id, @Nullable Preset preset, @Nullable String url) {
    this.id = id;
    this.preset = preset;
    this.url = url;
  }

  /**
   * An endpoint.
   *
   * @param id unique in its pool
   * @param url root of the API; without a path, {@code /v1} is added
   */
  public static OpenAi at(String id, String url) {
    return new OpenAi(id, null, url);
  }

  /**
   * An endpoint of a provider that is known.
   *
   * @param id unique in its pool
   */
  public static OpenAi of(String id, Preset preset) {
    return new OpenAi(id, preset, null);
  }

  static OpenAi like(OpenAiOptions o) {
    OpenAi made = new OpenAi(o.id(), o.preset(), o.url());
    made.key = o.key();
    made.keyFile = o.keyFile();
    made.keyRefresh = o.keyRefresh();
    made.account = o.account();
    made.models = o.models();
    made.connectTimeout = o.connectTimeout();
    made.requestTimeout = o.requestTimeout();
    made.protocol = o.protocol();
    made.maxConnections = o.maxConnections();
    made.keepAlive = o.keepAlive();
    made.connectionAge = o.connectionAge();
    made.silence = o.silence();
    made.maxAnswer = o.maxAnswer();
    made.askUsage = o.askUsage();
    made.tenantField = o.tenantField();
    made.tls = o.tls();
    made.proxy = o.proxy();
    made.headers.putAll(o.headers());
    made.passHeaders = o.passHeaders();
    made.returnHeaders = o.returnHeaders();
    return made;
  }

  /** Sends a key. */
  public OpenAi key(String secret) {
    key = secret;
    return this;
  }

  /**
   * Sends the key that a file holds, as it changes.
   *
   * @param refresh how often to look whether it has changed
   */
  public OpenAi keyFile(Path file, Duration refresh) {
    keyFile = file.toString();
    keyRefresh = refresh;
    return this;
  }

  /** Names the account that the key belongs to. */
  public OpenAi account(String name) {
    account = name;
    return this;
  }

  /** Names the models that it offers. */
  public OpenAi models(List<String> names) {
    models = names;
    return this;
  }

  /** Bounds the time to a connection, and the time of a request to its last byte. */
  public OpenAi timeouts(Duration connect, Duration request) {
    connectTimeout = connect;
    requestTimeout = request;
    return this;
  }

  /** Chooses the HTTP that is spoken. */
  public OpenAi protocol(Protocol spoken) {
    protocol = spoken;
    return this;
  }

  /** Bounds the requests under way, and the bytes of an answer or an event. */
  public OpenAi bounds(int connections, long answerBytes) {
    maxConnections = connections;
    maxAnswer = answerBytes;
    return this;
  }

  /** Bounds how long a connection is kept idle, and how long it is used. */
  public OpenAi connections(Duration idle, Duration age) {
    keepAlive = idle;
    connectionAge = age;
    return this;
  }

  /** Bounds how long an HTTP/2 connection with open requests may say nothing. */
  public OpenAi silence(Duration longest) {
    silence = longest;
    return this;
  }

  /** Says whether streams are asked for their usage. */
  public OpenAi askUsage(boolean asked) {
    askUsage = asked;
    return this;
  }

  /** Tells the upstream the caller's tenant, by a hash, in a member of the body. */
  public OpenAi tenantField(String member) {
    tenantField = member;
    return this;
  }

  /** Says how it is trusted over TLS. */
  public OpenAi tls(Tls trusted) {
    tls = trusted;
    return this;
  }

  /** Goes through a proxy. */
  public OpenAi proxy(Proxy between) {
    proxy = between;
    return this;
  }

  /** Adds a header to every request. */
  public OpenAi header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Names the headers that pass: of callers to the upstream, and of its answers back to them. */
  public OpenAi pass(List<String> ofCallers, List<String> ofAnswers) {
    passHeaders = List.copyOf(ofCallers);
    returnHeaders = List.copyOf(ofAnswers);
    return this;
  }

  /**
   * The options.
   *
   * @throws IllegalArgumentException where they contradict each other
   */
  public OpenAiOptions options() {
    return new OpenAiOptions(
        id,
        preset,
        url,
        key,
        keyFile,
        keyRefresh,
        account,
        models,
        connectTimeout,
        requestTimeout,
        protocol,
        maxConnections,
        keepAlive,
        connectionAge,
        silence,
        maxAnswer,
        askUsage,
        tenantField,
        tls,
        proxy,
        headers,
        passHeaders,
        returnHeaders);
  }

  /** The backend, for pipelines in code. */
  public Plugin<Backend> plugin() {
    return OpenAiProvider.backend(options());
  }
}
