package dev.forebay.examples.promptlimit;

// tag::stage[]
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.vertx.core.Future;

/**
 * A stage that refuses long prompts.
 *
 * @param maxTokens length of the longest prompt that it lets pass, at least 1
 */
@Doc("Refuses prompts that are longer than a bound.")
public record PromptLimit(
    @Doc("The longest prompt that passes.")
        @Default("8000")
        @Range(min = 1, max = 10_000_000)
        @Unit("tokens")
        int maxTokens)
    implements Plugin<Filter> {

  @Override
  public Filter create(PluginContext context) {
    Counter refused = context.counter("refused");
    return (request, next) -> {
      int tokens = request.info().promptTokens();
      if (tokens <= maxTokens) {
        return next.serve(request);
      }
      refused.increment();
      return Future.failedFuture(
          Failure.of(
              Status.CALLER_FAULT,
              400,
              "prompt_too_long",
              "the prompt has about " + tokens + " tokens (expected: at most " + maxTokens + ")"));
    };
  }
}
// end::stage[]
