package dev.forebay.openai;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an OpenAI-compatible API is, and how to speak to it.
 *
 * @param id unique in the pool
 * @param preset a provider whose URL and models are known; null for none
 * @param url root of the API: {@code https://api.deepseek.com} stands for {@code
 *     https://api.deepseek.com/v1}; a path that is given is taken as it is
 * @param key the API key, sent as {@code Authorization: Bearer}; null for none
 * @param keyFile a file that holds the key, read again when it changes; null for none
 * @param keyRefresh how often to look whether the file has changed
 * @param account whom the key belongs to: endpoints of one account share limits and balance; null
 *     where the endpoint is an account of its own
 * @param models models that it offers; empty where it takes any
 * @param connectTimeout how long to wait for a connection
 * @param requestTimeout how long a request may take from sending to the last byte
 * @param protocol which HTTP is spoken
 * @param maxConnections requests that may be under way at once
 * @param keepAlive how long an idle connection is kept
 * @param connectionAge how long a connection is used, so that changes of DNS are noticed
 * @param silence how long an HTTP/2 connection with open requests may say nothing
 * @param maxAnswer bytes of a whole answer, or of one event of a stream
 * @param askUsage whether to ask for the usage of streams
 * @param tenantField member of the body that names the caller's tenant; null for none
 * @param continues how it is asked to continue the last message of a chat; null if it cannot
 * @param tls how it is trusted
 * @param proxy a proxy on the way; null for none
 * @param headers further headers of every request
 * @param passHeaders headers of callers that are passed on
 * @param returnHeaders headers of the upstream's answers that are passed back
 */
@RecordBuilder
@Named("openai")
@Doc("Any server with an OpenAI-compatible API, streamed and whole.")
public record OpenAi(
    @Doc("Name of the endpoint, unique in its pool.") String id,
    @Doc("Provider whose url and models are known.") @Nullable Preset preset,
    @Doc(
            "Root of the API. Without a path, /v1 is added: https://api.deepseek.com stands for"
                + " https://api.deepseek.com/v1. Required where there is no preset.")
        @Nullable String url,
    @Doc("API key, sent as Authorization: Bearer.") @Secret @Nullable String key,
    @Doc(
            "File that holds the API key, in the place of key. It is read again when it changes: a"
                + " key is rotated without a restart.")
        @FileName
        @Nullable String keyFile,
    @Doc("How often to look whether the key file has changed.")
        @Default("5s")
        @Range(min = 0.01, max = 86_400)
        Duration keyRefresh,
    @Doc("Account that the key belongs to, whose limits it shares; by default its own.")
        @Nullable String account,
    @Doc("Models that it offers; empty where it takes any, or those of the preset.") @Default("[]")
        List<String> models,
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
    @Doc(
            "HTTP that is spoken: auto is HTTP/2 over TLS where the upstream offers it, else"
                + " HTTP/1.1; http2 without TLS is h2c by prior knowledge.")
        @Default("auto")
        Protocol protocol,
    @Doc(
            "Connections of HTTP/1.1, or streams of HTTP/2, that may be open at once. The default"
                + " is above what a stage admit lets through, so that its limit is the one that"
                + " counts: a smaller pool would be a second, hidden one.")
        @Default("16384")
        @Range(min = 1, max = 65_535)
        @Unit("requests")
        int maxConnections,
    @Doc(
            "How long a connection without a request is kept. Below the 5 s after which Node closes"
                + " it; if an answer's Keep-Alive header says less, that counts.")
        @Default("4s")
        @Range(min = 1, max = 3_600)
        Duration keepAlive,
    @Doc(
            "How long a connection is used for new requests, so that changes of DNS are noticed,"
                + " also under steady load; names are looked up at each connect, for as long as"
                + " their records say.")
        @Default("5m")
        @Range(min = 1, max = 86_400)
        Duration connectionAge,
    @Doc(
            "How long an HTTP/2 connection with open requests may say nothing, not even the answer"
                + " to a PING, until it is closed and its requests fail. After three eighths of it"
                + " at the latest, new requests use another connection.")
        @Default("10s")
        @Range(min = 0.1, max = 3_600)
        Duration silence,
    @Doc(
            "Largest whole answer, and largest event of a stream (16MiB at most), after"
                + " decompression.")
        @Default("64MiB")
        @Range(min = 1024, max = 1L << 30)
        @Unit("bytes")
        long maxAnswer,
    @Doc(
            "Whether streams are asked for their usage (stream_options.include_usage); callers who"
                + " did not ask do not see it. But for this and tenant-field, bodies are passed on"
                + " byte for byte.")
        @Default("true")
        boolean askUsage,
    @Doc(
            "Member of the body that tells the upstream the caller's tenant, by a hash of its name:"
                + " user_id, with which DeepSeek keeps caches and scheduling apart. Callers who"
                + " name themselves are left alone; without it, nothing is told.")
        @Nullable String tenantField,
    @Doc(
            "How it is asked for the rest of an answer that broke off elsewhere (stage resume):"
                + " final-message (continue_final_message of vLLM, SGLang and llama.cpp) or prefix"
                + " (a message with prefix: true, as DeepSeek's beta API and Mistral take it)."
                + " Without it, it is not asked.")
        @Nullable Continues continues,
    @Doc("How the upstream is trusted over TLS.") @Default("{}") Tls tls,
    @Doc("Proxy on the way to the upstream.") @Nullable Proxy proxy,
    @Doc("Further headers of every request.") @Default("{}") @Secret Map<String, String> headers,
    @Doc(
            "Headers of callers that are passed on to the upstream, those of tracing and of"
                + " OpenAI's accounting. A * at the end stands for any ending; credentials never"
                + " pass.")
        @Default("[traceparent, tracestate, openai-organization, openai-project]")
        List<String> passHeaders,
    @Doc(
            "Headers of the upstream's answers that are passed back to the caller whose request it"
                + " was; answers from a cache have none.")
        @Default("[x-ratelimit-*, openai-processing-ms]")
        List<String> returnHeaders)
    implements Plugin<Backend>, OpenAiBuilder.With {

  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

  private static final String NO_ID = "id: null (expected: a text)";
  private static final String NO_URL = "url: null (expected: a URL)";

  /** Headers that say where a request ends, or how. */
  private static final List<String> FRAMING =
      List.of("connection", "content-length", "transfer-encoding", "upgrade");

  /** Checks what belongs together, and copies. */
  public OpenAi {
    address(url, preset);
    if (key != null && keyFile != null) {
      throw new IllegalArgumentException("key-file: and key (expected: one of them)");
    }
    if (key != null && !ApiKey.sendable(key)) {
      throw new IllegalArgumentException(
          "key: *** (expected: printable characters without spaces, 4096 at most)");
    }
    if (tenantField != null && !tenantField.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
      throw new IllegalArgumentException(
          "tenant-field: expected a name of letters, digits and _, 64 at most");
    }
    models = models.isEmpty() && preset != null ? preset.models() : List.copyOf(models);
    headers = Map.copyOf(headers);
    headers.forEach(OpenAi::requireHeader);
    passHeaders = PassedHeaders.checked("pass-headers", passHeaders);
    returnHeaders = PassedHeaders.checked("return-headers", returnHeaders);
  }

  /** Without the value, which may be a secret. */
  private static void requireHeader(String name, String value) {
    if (!HEADER_NAME.matcher(name).matches() || FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "headers: \"" + name + "\" (expected: names of headers, but none of " + FRAMING + ")");
    }
    if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7F && c <= 0xFF))) {
      throw new IllegalArgumentException(
          "headers: the value of " + name + " (expected: characters of Latin-1, none a control)");
    }
  }

  /**
   * An endpoint, with everything else at its default.
   *
   * @param id unique in its pool
   * @param url root of the API; without a path, {@code /v1} is added
   */
  public static OpenAi at(String id, String url) {
    return Options.defaults(
        OpenAi.class,
        Map.entry("id", Objects.requireNonNull(id, NO_ID)),
        Map.entry("url", Objects.requireNonNull(url, NO_URL)));
  }

  /**
   * An endpoint at a URL, with everything else at its default; its id is the URL's host, with the
   * port if that is not the scheme's own.
   *
   * @throws IllegalArgumentException if it is no URL of HTTP
   */
  public static OpenAi at(String url) {
    Objects.requireNonNull(url, NO_URL);
    return at(HttpAddress.parse(url).uri().getRawAuthority(), url);
  }

  /**
   * An endpoint of a provider that is known, with everything else at its default.
   *
   * @param id unique in its pool
   */
  public static OpenAi of(String id, Preset preset) {
    return Options.defaults(OpenAi.class, Map.entry("id", id), Map.entry("preset", preset));
  }

  @Override
  public Backend create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "openai: there is no network here (expected: a gateway on Vert.x; in"
                            + " virtual time use the backend simulated)"));
    MemoryBudget memory =
        context.resource(MemoryBudget.class).orElseGet(() -> new MemoryBudget(Long.MAX_VALUE));
    return new OpenAiBackend(this, vertx, context.timeline(), memory, context.counter("written"));
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "OpenAi[" + id + " at " + root() + "]";
  }

  /** The root of the API, with its path. */
  URI root() {
    return address().uri();
  }

  /** As {@link #root()}, in its parts. */
  HttpAddress address() {
    return address(url, preset);
  }

  private static HttpAddress address(@Nullable String given, @Nullable Preset preset) {
    String url = given == null && preset != null ? preset.url() : given;
    if (url == null) {
      throw new IllegalArgumentException("url: missing (expected: a URL, or a preset)");
    }
    HttpAddress root = HttpAddress.parse(url);
    return root.path().isEmpty() ? root.withPath("/v1") : root;
  }
}
