package dev.forebay.kubernetes;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Tells of the ready endpoints of a Kubernetes service: its EndpointSlices, listed and watched. */
public final class Kubernetes implements Provider<EndpointSource, Kubernetes.Options> {

  private static final String IN_CLUSTER = "https://kubernetes.default.svc";
  private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/";
  private static final Duration WATCH = Duration.ofMinutes(5);

  /**
   * Options.
   *
   * @param service its name
   * @param namespace of the service
   * @param port name of the port of the service; empty for its first
   * @param url of the API server
   * @param tokenFile whose content is sent as a bearer token, read anew for each request, for
   *     tokens are rotated; empty for none
   * @param caFile PEM file of the authorities that sign the server's certificate; empty for the
   *     JVM's
   * @param watch how long one watch lasts before the server ends it
   */
  @Doc(
      "The ready endpoints of a Kubernetes service. The defaults are those of a pod, whose service"
          + " account must be allowed to list and watch endpointslices.")
  public record Options(
      @Doc("name of the service") String service,
      @Doc("namespace of the service") @Default("default") String namespace,
      @Doc("name of the service's port; empty: its first") @Default("") String port,
      @Doc("root of the API server") @Default(IN_CLUSTER) String url,
      @Doc("file with the bearer token, read anew for each request; empty: none")
          @Default(ACCOUNT + "token")
          String tokenFile,
      @Doc("PEM file of the authorities that sign the server's certificate; empty: the JVM's")
          @Default(ACCOUNT + "ca.crt")
          String caFile,
      @Doc("how long one watch lasts before the server ends it, and another is begun")
          @Default("300s")
          @Range(min = 1, max = 3600)
          Duration watch) {

    /** Checks the URL. */
    public Options {
      HttpAddress.parse(url);
      if (service.isBlank() || namespace.isBlank()) {
        throw new IllegalArgumentException("service, namespace: blank (expected: names)");
      }
    }

    /** With an API server of one's own, such as {@code kubectl proxy}, and the files for it. */
    public Options server(String root, String token, String ca) {
      return new Options(service, namespace, port, root, token, ca, watch);
    }

    /** With another length of a watch. */
    public Options watch(Duration most) {
      return new Options(service, namespace, port, url, tokenFile, caFile, most);
    }

    /** With the name of a port. */
    public Options port(String name) {
      return new Options(service, namespace, name, url, tokenFile, caFile, watch);
    }

    /** The plugin with these options. */
    public Plugin<EndpointSource> plugin() {
      return Plugin.of(new Kubernetes(), this);
    }

    HttpAddress root() {
      return HttpAddress.parse(url);
    }
  }

  /** A service, asked for from a pod. */
  public static Options service(String namespace, String name) {
    return new Options(
        name, namespace, "", IN_CLUSTER, ACCOUNT + "token", ACCOUNT + "ca.crt", WATCH);
  }

  @Override
  public Class<EndpointSource> kind() {
    return EndpointSource.class;
  }

  @Override
  public String name() {
    return "kubernetes";
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
                        "kubernetes: there is no network here (expected: a gateway on Vert.x)"));
    return new KubernetesSource(new ApiServer(options, vertx), options, context);
  }
}
