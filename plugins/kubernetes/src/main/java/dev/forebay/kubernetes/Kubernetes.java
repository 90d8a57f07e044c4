package dev.forebay.kubernetes;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.EndpointSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;

/**
 * Tells of the ready endpoints of a Kubernetes service: its EndpointSlices, listed and watched.
 *
 * @param service its name
 * @param namespace of the service
 * @param port name of the port of the service; empty for its first
 * @param url of the API server
 * @param tokenFile whose content is sent as a bearer token, read anew for each request, for tokens
 *     are rotated; empty for none
 * @param caFile PEM file of the authorities that sign the server's certificate; empty for the JVM's
 * @param watch how long one watch lasts before the server ends it
 */
@RecordBuilder
@Doc(
    "The ready endpoints of a Kubernetes service. The defaults are those of a pod, whose service"
        + " account must be allowed to list and watch endpointslices.")
public record Kubernetes(
    @Doc("name of the service") String service,
    @Doc("namespace of the service") @Default("default") String namespace,
    @Doc("name of the service's port; empty: its first") @Default("") String port,
    @Doc("root of the API server") @Default("https://kubernetes.default.svc") String url,
    @Doc("file with the bearer token, read anew for each request; empty: none")
        @Default("/var/run/secrets/kubernetes.io/serviceaccount/token")
        @FileName
        String tokenFile,
    @Doc("PEM file of the authorities that sign the server's certificate; empty: the JVM's")
        @Default("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")
        @FileName
        String caFile,
    @Doc("how long one watch lasts before the server ends it, and another is begun")
        @Default("300s")
        @Range(min = 1, max = 3600)
        Duration watch)
    implements Plugin<EndpointSource>, KubernetesBuilder.With {

  /** Checks the URL. */
  public Kubernetes {
    HttpAddress.parse(url);
    if (service.isBlank() || namespace.isBlank()) {
      throw new IllegalArgumentException("service, namespace: blank (expected: names)");
    }
  }

  /** A service, asked for from a pod. */
  public static Kubernetes service(String namespace, String name) {
    return Options.defaults(
        Kubernetes.class, Map.entry("service", name), Map.entry("namespace", namespace));
  }

  HttpAddress root() {
    return HttpAddress.parse(url);
  }

  @Override
  public EndpointSource create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "kubernetes: there is no network here (expected: a gateway on Vert.x)"));
    return new KubernetesSource(new ApiServer(this, vertx), this, context);
  }
}
