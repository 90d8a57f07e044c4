package dev.forebay.server;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.config.Checked;
import dev.forebay.config.ConfigException;
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
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Filter;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Inline;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway as a document: its blueprint, and how it is reached.
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
 * @param secrets what keys and prompts are hashed with
 * @param blueprint pipeline, pools and backends
 */
@Doc("A gateway, and how it is reached.")
public record GatewayDocument(
    @Doc("The listener for callers.") @Default("{}") EdgeOptions http,
    @Doc("The listener for those who run the gateway.") @Default("{}")
        AdministrationOptions administration,
    @Doc("Keys of callers; without this, everybody may ask.")
        @Default("[]")
        @NotEmpty("without the key, everybody may ask")
        List<KeyOptions> keys,
    @Inline @Default("{}") Secrets secrets,
    @Inline Blueprint blueprint)
    implements Checked {

  /** Hosts that stand for all addresses. */
  private static final Set<String> WIDE = Set.of("0.0.0.0", "::", "");

  /** Copies. */
  public GatewayDocument {
    keys = List.copyOf(keys);
  }

  /** The names that no section and no stage can have, since they are keys of the document. */
  public static Map<Class<?>, Set<String>> takenNames() {
    return Map.of(
        Section.class, Set.copyOf(Options.of(GatewayDocument.class).names()),
        Filter.class, Set.copyOf(Options.of(Pool.Stages.class).names()));
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
    GatewayDocument read =
        new OptionsReader(registry).read(GatewayDocument.class, document, mistakes);
    mistakes.throwIfAny();
    return Objects.requireNonNull(read);
  }

  /** Checks names of priorities, keys that are there twice, and ports. */
  @Override
  public void check(Faults faults) {
    Keys.check(
        keys,
        http::priority,
        secrets.keyHashSecret(),
        (key, option, message) -> {
          if (isSettled(faults, option)) {
            faults.add(key, option, message);
          }
        });
    TlsOptions tls = http.tls();
    boolean noCertificates =
        tls == null
            ? isWhole(faults, "http", http, "tls")
            : tls.clientCa() == null && faults.whole(tls, "client-ca");
    for (KeyOptions key : keys) {
      if (key.subject() != null && noCertificates) {
        faults.add(
            key, "subject", key.subject() + " (expected: http.tls.client-ca, which signs it)");
      }
    }
    checkPorts(faults);
  }

  /** Whether what an option of a key is judged by is as it was written. */
  private boolean isSettled(Faults faults, String option) {
    return switch (option) {
      case "priority" -> isWhole(faults, "http", http, "priorities");
      case "hash" -> isWhole(faults, "secrets", secrets, "key-hash-secret");
      default -> true;
    };
  }

  /** Whether options of a part of this document are as they were written. */
  private boolean isWhole(Faults faults, String name, Record part, String... options) {
    return faults.whole(this, name)
        && Stream.of(options).allMatch(option -> faults.whole(part, option));
  }

  /** What the administration shows is not for callers. Two free ports differ. */
  private void checkPorts(Faults faults) {
    if (isWhole(faults, "http", http, "host", "port")
        && isWhole(faults, "administration", administration, "host", "port")
        && http.port() == administration.port()
        && http.port() != 0
        && (http.host().equalsIgnoreCase(administration.host())
            || WIDE.contains(http.host())
            || WIDE.contains(administration.host()))) {
      faults.add(
          administration.equals(AdministrationOptions.DEFAULTS) ? http : administration,
          "port",
          http.port()
              + " is the port of callers and of the administration"
              + " (expected: two ports, or two addresses)");
    }
  }

  /** Never its secrets. */
  @Override
  public String toString() {
    return "GatewayDocument[http=" + http + ", pools=" + blueprint.allPools().keySet() + "]";
  }

  /**
   * The top-level keys that are secrets.
   *
   * @param keyHashSecret what hashes of keys were made with, at least 16 bytes; null if none was
   *     made with a secret
   * @param cacheKeySecret what identities of prompts are made with, at least 16 bytes: the same for
   *     gateways that share a cache; null if each start makes its own
   */
  public record Secrets(
      @Doc("What hashes of keys were made with, if some are hmac-sha256.") @Secret
          @Nullable String keyHashSecret,
      @Doc("What identities of prompts are made with; the same for gateways that share a cache.")
          @Secret
          @Nullable String cacheKeySecret) {

    /** Checks their lengths. */
    public Secrets {
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
