package dev.forebay.consul;

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
import dev.forebay.spi.policy.EndpointSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells of the healthy instances of a Consul service, by blocking queries.
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
@RecordBuilder
@Doc("The instances of a Consul service that pass their checks, with their weights.")
public record Consul(
    @Doc("root of the agent's API") @Default("http://127.0.0.1:8500") String url,
    @Doc("name of the service") String service,
    @Doc("tags, all of which an instance must have") @Default("[]") List<String> tags,
    @Doc("token of the ACL system") @Secret @Nullable String token,
    @Doc("datacenter to ask in; by default the agent's") @Nullable String datacenter,
    @Doc("namespace to ask in (Consul Enterprise)") @Nullable String namespace,
    @Doc("how long the agent may hold a query back while nothing changes")
        @Default("60s")
        @Range(min = 1, max = 600)
        Duration maxWait,
    @Doc("PEM file of the authorities that sign the agent's certificate") @FileName
        @Nullable String ca)
    implements Plugin<EndpointSource>, ConsulBuilder.With {

  /** Copies, and checks the URL. */
  public Consul {
    tags = List.copyOf(tags);
    HttpAddress.parse(url);
    if (service.isBlank()) {
      throw new IllegalArgumentException("service: blank (expected: a name)");
    }
  }

  /** A service at the local agent. */
  public static Consul service(String name) {
    return Options.defaults(Consul.class, Map.entry("service", name));
  }

  HttpAddress root() {
    return HttpAddress.parse(url);
  }

  @Override
  public String toString() {
    return Redacted.text(this);
  }

  @Override
  public EndpointSource create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "consul: there is no network here (expected: a gateway on Vert.x)"));
    return new ConsulSource(new Agent(this, vertx), context);
  }
}
