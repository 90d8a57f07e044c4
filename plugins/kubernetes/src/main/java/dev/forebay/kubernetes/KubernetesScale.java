package dev.forebay.kubernetes;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingTarget;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.util.Map;

/**
 * The target {@code kubernetes}: the scale subresource of a Deployment or the like. Members that
 * have been drained are marked by {@code pod-deletion-cost} first, so that the controller deletes
 * these. Ids of members are names of pods, as the source {@code kubernetes} tells them.
 *
 * @param name of the workload
 * @param namespace of it
 * @param resource its kind in the API, in the plural
 * @param url of the API server
 * @param tokenFile whose content is sent as a bearer token, read for each request; empty for none
 * @param caFile PEM file of the authorities that sign the server's certificate; empty for the JVM's
 * @param attempts how often a call is tried that meets a conflict or an error
 * @param usage whether to ask the metrics API what pods use
 * @param cpuCores that the containers of a pod request, for their share of the CPU
 * @param memory that they request, in bytes; 0 if memory is no metric
 */
@RecordBuilder
@Named("kubernetes")
@Doc(
    "The scale subresource of a Deployment. The service account must be allowed to get and update"
        + " deployments/scale, to patch pods and, for usage, to list pods of metrics.k8s.io.")
public record KubernetesScale(
    @Doc("name of the workload") String name,
    @Doc("namespace of the workload") @Default("default") String namespace,
    @Doc("kind of the workload in the API apps/v1, in the plural") @Default("deployments")
        String resource,
    @Doc("root of the API server") @Default("https://kubernetes.default.svc") String url,
    @Doc("file with the bearer token, read for each request; empty: none")
        @Default("/var/run/secrets/kubernetes.io/serviceaccount/token")
        @FileName
        String tokenFile,
    @Doc("PEM file of the authorities that sign the server's certificate; empty: the JVM's")
        @Default("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")
        @FileName
        String caFile,
    @Doc("how often a call is tried that meets a conflict or an error")
        @Default("4")
        @Range(min = 1, max = 10)
        @Unit("calls")
        int attempts,
    @Doc("whether to ask the metrics API what pods use, for policies by CPU or memory")
        @Default("false")
        boolean usage,
    @Doc("cores that the containers of a pod request: the CPU is a share of these")
        @Default("1")
        @Range(min = 0.001, max = 1024)
        double cpuCores,
    @Doc("memory that they request; 0: memory is no metric")
        @Default("0")
        @Range(min = 0, max = 1e15)
        @Unit("bytes")
        long memory)
    implements Plugin<ScalingTarget>, KubernetesScaleBuilder.With {

  /** Checks the URL. */
  public KubernetesScale {
    HttpAddress.parse(url);
    if (name.isBlank() || namespace.isBlank() || !resource.matches("[a-z]+")) {
      throw new IllegalArgumentException(
          "name, namespace, resource: blank (expected: names, and such as deployments)");
    }
  }

  /** A Deployment, scaled from a pod. */
  public static KubernetesScale deployment(String namespace, String name) {
    return Options.defaults(
        KubernetesScale.class, Map.entry("name", name), Map.entry("namespace", namespace));
  }

  @Override
  public ScalingTarget create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "kubernetes: there is no network here (expected: a gateway on Vert.x)"));
    return new KubernetesTarget(this, new ScaleApi(this, vertx), context);
  }
}
