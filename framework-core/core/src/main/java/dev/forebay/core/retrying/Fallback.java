package dev.forebay.core.retrying;

import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Ref;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stage {@code fallback}: asks another pool, or for another model, if what follows has no
 * answer.
 *
 * @param pool that is asked; null for what follows, which then is asked for another model
 * @param model that is asked for; null for the same
 * @param on endings after which it is asked
 * @param maxPromptTokens the longest prompt that it is asked with; 0 for any
 */
@RecordBuilder
@Doc("Asks another pool, or for another model, where what follows has no answer.")
public record Fallback(
    @Doc("Pool that is asked; without it, what follows is asked again, for another model.")
        @Ref("pool")
        @Nullable String pool,
    @Doc("Model that is asked for; only that field of the body is rewritten. Without it, the same.")
        @Nullable String model,
    @Doc("Endings after which it is asked.")
        @Default("[account-out, throttled, overloaded, stalled, saturated, internal]")
        List<Status> on,
    @Doc("The longest prompt that it is asked with; 0 for any.")
        @Default("0")
        @Range(min = 0, max = 10_000_000)
        @Unit("tokens")
        int maxPromptTokens)
    implements Plugin<Filter>, FallbackBuilder.With {

  /** Checks that there is something else to ask, and copies. */
  public Fallback {
    on = List.copyOf(on);
    if (pool == null && model == null) {
      throw new IllegalArgumentException("pool: missing (expected: a pool, a model or both)");
    }
  }

  /** Another pool, and perhaps another model, after every ending that another may answer. */
  public static Fallback to(@Nullable String pool, @Nullable String model) {
    if (pool == null) {
      return Options.defaults(Fallback.class, Map.entry("model", String.valueOf(model)));
    }
    return model == null
        ? Options.defaults(Fallback.class, Map.entry("pool", pool))
        : Options.defaults(Fallback.class, Map.entry("pool", pool), Map.entry("model", model));
  }

  @Override
  public Filter create(PluginContext context) {
    Pools pools = Shared.of(Pools.class, context);
    Service other = pool == null ? null : request -> pools.service(pool).serve(request);
    return new FallbackFilter(this, other, Shared.of(RetryBudget.class, context), context);
  }
}
