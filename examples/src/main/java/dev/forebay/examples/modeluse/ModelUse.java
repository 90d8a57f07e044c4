package dev.forebay.examples.modeluse;

// tag::stage[]
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.metrics.MetricsReader;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/**
 * A stage that counts requests by model and prompts by length, and shows the counts at {@code
 * /model-use} of the administration.
 *
 * @param mostModels models that are told apart; all others count as {@code other}
 */
@Doc("Counts requests by model, and shows them at /model-use of the administration.")
public record ModelUse(
    @Doc("Models that are told apart.") @Default("20") @Range(min = 1, max = 1000) int mostModels)
    implements Plugin<Filter> {

  @Override
  public Filter create(PluginContext context) {
    Labelled<Counter> requests = context.counters("requests", new Label("model", mostModels));
    Histogram prompts = context.histogram("prompt_tokens", Buckets.TOKENS);
    HttpRoute route =
        HttpRoute.get("/model-use", request -> Future.succeededFuture(shown(context)));
    context
        .resource(HttpRoutes.class)
        .ifPresent(routes -> routes.add(HttpRoutes.Listener.ADMINISTRATION, route));
    return (request, next) -> {
      requests.of(request.info().model()).increment();
      prompts.record(request.info().promptTokens());
      return next.serve(request);
    };
  }

  private static RouteAnswer shown(PluginContext context) {
    JsonObject models = new JsonObject();
    context.resource(MetricsReader.class).orElseThrow().snapshot().counters().entrySet().stream()
        .filter(each -> each.getKey().part().equals(context.name()))
        .forEach(each -> models.put(each.getKey().labels().get("model"), each.getValue()));
    return RouteAnswer.json(200, models.toBuffer());
  }
}
// end::stage[]
