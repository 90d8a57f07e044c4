package dev.forebay.consul;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.Redacted;
import dev.forebay.spi.Secret;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells of the healthy instances of a Consul service, by blocking queries. */
public final class Consul implements Provider<EndpointSource, Consul.Options> {

  private static final String LOCAL = "http://127.0.0.1:8500";
  private static final Duration WAIT = Duration.ofSeconds(60);

  /**
   * Options.
   *
   * @param url of the agent
   * @param service its name
   * @param tags which an instance must all have
   * @param token of the ACL system; null for none
   * @param datacenter to ask in; null for the agent's
   * @param namespace to ask in; null for the token's
   * @param maxWait how long the agent may hold a query back while nothing changes
   * @param ca PEM file of the authorities that sign the agent's certificate; null for the JVM's
   */
  @Doc("The instances of a Consul service that pass their checks, with their weights.")
  public record Options(
      @Doc("root of the agent's API") @Default(LOCAL) String url,
      @Doc("name of the service") String service,
      @Doc("tags, all of which an instance must have") @Default("[]") List<String> tags,
      @Doc("token of the ACL system") @Secret @Nullable String token,
      @Doc("datacenter to ask in; by default the agent's") @Nullable String datacenter,
      @Doc("namespace to ask in (Consul Enterprise)") @Nullable String namespace,
      @Doc("how long the agent may hold a query back while nothing changes")
          @Default("60s")
          @Range(min = 1, max = 600)
          Duration maxWait,
      @Doc("PEM file of the authorities that sign the agent's certificate") @Nullable String ca) {

    /** Copies, and checks the URL. */
    public Options {
      tags = List.copyOf(tags);
      HttpAddress.parse(url);
      if (service.isBlank()) {
        throw new IllegalArgumentException("service: blank (expected: a name)");
      }
    }

    /** With the root of the agent's API. */
    public Options url(String root) {
      return new Options(root, service, tags, token, datacenter, namespace, maxWait, ca);
    }

    /** With tags that an instance must have. */
    public Options tags(String... all) {
      return new Options(url, service, List.of(all), token, datacenter, namespace, maxWait, ca);
    }

    /** With a token. */
    public Options token(String secret) {
      return new Options(url, service, tags, secret, datacenter, namespace, maxWait, ca);
    }

    /** With another time for which a query may be held back. */
    public Options maxWait(Duration most) {
      return new Options(url, service, tags, token, datacenter, namespace, most, ca);
    }

    /** The plugin with these options. */
    public Plugin<EndpointSource> plugin() {
      return Plugin.of(new Consul(), this);
    }

    HttpAddress root() {
      return HttpAddress.parse(url);
    }

    @Override
    public String toString() {
      return Redacted.text(this);
    }
  }

  /** A service at the local agent. */
  public static Options service(String name) {
    return new Options(LOCAL, name, List.of(), null, null, null, WAIT, null);
  }

  @Override
  public Class<EndpointSource> kind() {
    return EndpointSource.class;
  }

  @Override
  public String name() {
    return "consul";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public EndpointSource create(Options options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "consul: there is no network here (expected: a gateway on Vert.x)"));
    return new ConsulSource(new Agent(options, vertx), context);
  }
}
