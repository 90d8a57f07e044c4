package dev.forebay.server;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.config.ConfigException;
import dev.forebay.config.Mistake;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Registry;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.edge.identity.KeyHash;
import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.edge.identity.Keys;
import dev.forebay.edge.tls.TlsOptions;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.BlueprintReader;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway as a document: what {@link BlueprintReader} reads, and how it is reached.
 *
 * <pre>
 * http: { port: 8080 }
 * administration: { port: 8081 }
 * keys:
 *   - { id: alice, key: "${ALICE_KEY}", tenant: alice, priority: vip }
 * key-hash-secret: "${KEY_HASH_SECRET}"
 * cache-key-secret: "${CACHE_KEY_SECRET}"
 * pipeline: [ ... ]
 * backends: [ ... ]
 * </pre>
 *
 * @param http the listener for callers
 * @param administration the listener for those who run it
 * @param keys who may ask; without any, everybody
 * @param keyHashSecret what hashes of keys were made with, at least 16 bytes; null where none was
 *     made with a secret
 * @param cacheKeySecret what identities of prompts are made with, at least 16 bytes: the same for
 *     gateways that share a cache; null where each start makes its own
 * @param blueprint pipeline, pools and backends
 */
public record GatewayDocument(
    EdgeOptions http,
    AdministrationOptions administration,
    List<KeyOptions> keys,
    @Nullable String keyHashSecret,
    @Nullable String cacheKeySecret,
    Blueprint blueprint) {

  private static final String HTTP = "http";
  private static final String ADMINISTRATION = "administration";
  private static final String KEYS = "keys";
  private static final String CACHE_SECRET = "cache-key-secret";
  private static final String HASH_SECRET = "key-hash-secret";

  /** Hosts that stand for all addresses. */
  private static final Set<String> WIDE = Set.of("0.0.0.0", "::", "");

  /** The top-level keys of a document. */
  public static final List<String> ALL_KEYS =
      Stream.concat(
              Stream.of(HTTP, ADMINISTRATION, KEYS, HASH_SECRET, CACHE_SECRET),
              BlueprintReader.KEYS.stream())
          .toList();

  /** Checks what only the whole shows: names of priorities, keys that are there twice. */
  public GatewayDocument {
    keys = List.copyOf(keys);
    checkKeys(keys, http, keyHashSecret);
    checkPlaces(http, administration);
    if (cacheKeySecret != null) {
      PromptKeys.of(cacheKeySecret);
    }
  }

  /**
   * Reads a file, with the variables of this process's environment.
   *
   * @throws ConfigException listing everything that is wrong
   */
  public static GatewayDocument read(Path file, Registry registry) {
    return read(file, registry, System::getenv);
  }

  /**
   * Reads a file.
   *
   * @param environment what replaces <code>${NAME}</code>; null where a variable is not set
   * @throws ConfigException listing everything that is wrong
   */
  public static GatewayDocument read(
      Path file, Registry registry, Function<String, @Nullable String> environment) {
    Mistakes mistakes = new Mistakes();
    Node document = Node.read(file, environment, mistakes);
    return read(document, registry, mistakes);
  }

  /**
   * Reads a document.
   *
   * @throws ConfigException listing everything that is wrong
   */
  public static GatewayDocument read(Node document, Registry registry) {
    return read(document, registry, new Mistakes());
  }

  /**
   * Reads a document.
   *
   * @param mistakes what is wrong already, such as its syntax
   * @throws ConfigException listing everything that is wrong
   */
  public static GatewayDocument read(Node document, Registry registry, Mistakes mistakes) {
    mistakes.unknownKeys(document, ALL_KEYS);
    EdgeOptions http =
        options(EdgeOptions.class, document.get(HTTP), EdgeOptions.DEFAULTS, mistakes);
    AdministrationOptions administration =
        options(
            AdministrationOptions.class,
            document.get(ADMINISTRATION),
            AdministrationOptions.DEFAULTS,
            mistakes);
    places(document, http, administration, mistakes);
    Secrets secrets = secrets(document, mistakes);
    List<KeyOptions> keys = keys(document, http, secrets.keyHashSecret(), mistakes);
    Blueprint blueprint = BlueprintReader.read(document, registry, mistakes);
    mistakes.throwIfAny();
    return new GatewayDocument(
        http,
        administration,
        keys,
        secrets.keyHashSecret(),
        secrets.cacheKeySecret(),
        Objects.requireNonNull(blueprint));
  }

  private static <R extends Record> R options(
      Class<R> type, @Nullable Node node, R defaults, Mistakes mistakes) {
    if (node == null || node.kind() == Node.Kind.NULL) {
      return defaults;
    }
    R read = new OptionsReader().read(type, node, mistakes);
    return read == null ? defaults : read;
  }

  /** Names the administration's port if the document has it, or that of the callers. */
  private static void places(
      Node document, EdgeOptions http, AdministrationOptions administration, Mistakes mistakes) {
    try {
      checkPlaces(http, administration);
    } catch (IllegalArgumentException e) {
      Node at = port(document.get(ADMINISTRATION));
      at = at == null ? port(document.get(HTTP)) : at;
      mistakes.add(
          Mistake.refused((at == null ? document : at).place(), String.valueOf(e.getMessage())));
    }
  }

  private static @Nullable Node port(@Nullable Node listener) {
    return listener == null || listener.kind() != Node.Kind.MAPPING ? null : listener.get("port");
  }

  /** What the administration shows is not for callers. Two free ports differ. */
  private static void checkPlaces(EdgeOptions http, AdministrationOptions administration) {
    if (http.port() == administration.port()
        && http.port() != 0
        && (http.host().equalsIgnoreCase(administration.host())
            || WIDE.contains(http.host())
            || WIDE.contains(administration.host()))) {
      throw new IllegalArgumentException(
          http.port()
              + " is the port of callers and of the administration"
              + " (expected: two ports, or two addresses)");
    }
  }

  private static List<KeyOptions> keys(
      Node document, EdgeOptions http, @Nullable String hashSecret, Mistakes mistakes) {
    Node node = document.get(KEYS);
    List<KeyOptions> keys = new ArrayList<>();
    if (node == null) {
      return keys;
    }
    if (node.kind() == Node.Kind.NULL
        || (node.kind() == Node.Kind.SEQUENCE && node.items().isEmpty())) {
      // An empty list that comes of a template must not open the gateway to everybody.
      mistakes.add(node.place(), "no keys", "at least one; without the key, everybody may ask");
      return keys;
    }
    if (node.kind() != Node.Kind.SEQUENCE) {
      mistakes.add(node.hidden(), "a list of keys, such as - { id: alice, key: \"${ALICE_KEY}\" }");
      return keys;
    }
    for (Node item : node.items()) {
      KeyOptions key = new OptionsReader().read(KeyOptions.class, item, mistakes);
      if (key != null) {
        keys.add(key);
      }
    }
    try {
      checkKeys(keys, http, hashSecret);
    } catch (IllegalArgumentException e) {
      mistakes.add(Mistake.refused(node.place(), String.valueOf(e.getMessage())));
    }
    return keys;
  }

  private static void checkKeys(
      List<KeyOptions> keys, EdgeOptions http, @Nullable String hashSecret) {
    Keys.of(keys, http::priority, hashSecret);
    TlsOptions tls = http.tls();
    for (KeyOptions key : keys) {
      if (key.subject() != null && (tls == null || tls.clientCa() == null)) {
        throw new IllegalArgumentException(
            "key " + key.id() + ": subject (expected: http.tls.client-ca, which signs it)");
      }
    }
  }

  private static Secrets secrets(Node document, Mistakes mistakes) {
    Node both = document.only(HASH_SECRET, CACHE_SECRET);
    Secrets read = new OptionsReader().read(Secrets.class, both, mistakes);
    return read == null ? new Secrets(null, null) : read;
  }

  /** Never its secrets. */
  @Override
  public String toString() {
    return "GatewayDocument[http=" + http + ", pools=" + blueprint.pools().size() + "]";
  }

  /** The top-level keys that are secrets. */
  record Secrets(
      @Doc("What hashes of keys were made with, where some are hmac-sha256.") @Secret
          @Nullable String keyHashSecret,
      @Doc("What identities of prompts are made with; the same where gateways share a cache.")
          @Secret
          @Nullable String cacheKeySecret) {
    Secrets {
      if (keyHashSecret != null) {
        KeyHash.of("", keyHashSecret);
      }
      if (cacheKeySecret != null) {
        try {
          PromptKeys.of(cacheKeySecret);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "cacheKeySecret: too short (expected: at least 16 bytes)", e);
        }
      }
    }

    @Override
    public String toString() {
      return Redacted.text(this);
    }
  }
}
