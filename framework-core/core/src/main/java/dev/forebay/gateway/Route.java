package dev.forebay.gateway;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Ref;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule of routing: requests for some models, of some size, go to one of some targets. The first
 * rule that fits a request decides; without one, the pool that names the model does.
 *
 * @param models names that callers use; one that ends in {@code *} stands for all that begin so
 * @param minPromptTokens the shortest prompt that it fits, estimated
 * @param maxPromptTokens the longest prompt that it fits, estimated; 0 for any
 * @param maxOutputTokens the longest answer that it fits: it then fits only requests that bound
 *     theirs; 0 for any
 * @param to where requests go, by weight; at least one
 * @param sticky what keeps requests together on one target
 */
@RecordBuilder
@Doc("Sends requests for some models, of some size, to one of some targets.")
public record Route(
    @Doc("Names that callers use; one that ends in * stands for all that begin so.")
        List<String> models,
    @Doc("The shortest prompt that it fits, estimated.")
        @Default("0")
        @Range(min = 0, max = 10_000_000)
        @Unit("tokens")
        int minPromptTokens,
    @Doc("The longest prompt that it fits, estimated; 0 for any.")
        @Default("0")
        @Range(min = 0, max = 10_000_000)
        @Unit("tokens")
        int maxPromptTokens,
    @Doc("The longest answer that it fits, of requests that bound theirs; 0 for any.")
        @Default("0")
        @Range(min = 0, max = 10_000_000)
        @Unit("tokens")
        int maxOutputTokens,
    @Doc("Where requests go, by weight.") List<Target> to,
    @Doc("What keeps requests together on one target: nothing, their session, or their tenant.")
        @Default("none")
        Sticky sticky)
    implements RouteBuilder.With {

  /** What keeps requests together on one target. */
  public enum Sticky {
    /** Nothing: each goes by chance. */
    NONE,
    /** The session; requests without one go by chance. */
    SESSION,
    /** The tenant. */
    TENANT
  }

  /**
   * Where requests go.
   *
   * @param pool the pool; null for the one that names the model
   * @param model the model that the upstream is asked for; null for the caller's own
   * @param weight its share, relative to others
   */
  @Doc("Where requests go.")
  public record Target(
      @Doc("The pool; without it, the one that names the model.") @Ref("pool")
          @Nullable String pool,
      @Doc("Model that the upstream is asked for; only that field of the body is rewritten.")
          @Nullable String model,
      @Doc("Its share, relative to the others.")
          @Default("1")
          @Range(min = 0, max = 1e6, exclusiveMin = true)
          double weight) {}

  /** Checks, and copies. */
  public Route {
    models = List.copyOf(models);
    to = List.copyOf(to);
    if (models.isEmpty() || to.isEmpty()) {
      throw new IllegalArgumentException(
          (models.isEmpty() ? "models" : "to") + ": none (expected: at least one)");
    }
    if (maxPromptTokens > 0 && maxPromptTokens < minPromptTokens) {
      throw new IllegalArgumentException(
          "maxPromptTokens: " + maxPromptTokens + " (expected: >= minPromptTokens)");
    }
  }

  /** A rule for all requests for a model, which is given targets by {@link #to}. */
  public static Route of(String... models) {
    for (String model : models) {
      Objects.requireNonNull(model, "models: null (expected: a name)");
    }
    List<Target> to = List.of(new Target(null, null, 1));
    return Options.defaults(Route.class, Map.entry("models", List.of(models)), Map.entry("to", to));
  }

  /** This rule to one target only. */
  public Route to(@Nullable String pool, @Nullable String model) {
    return withTo(List.of(new Target(pool, model, 1)));
  }

  /** This rule to one target more. */
  public Route or(@Nullable String pool, @Nullable String model, double weight) {
    List<Target> more = new ArrayList<>(to);
    more.add(new Target(pool, model, weight));
    return withTo(more);
  }

  /** This rule for prompts of some length only; 0 for no upper bound. */
  public Route promptTokens(int min, int max) {
    return withMinPromptTokens(min).withMaxPromptTokens(max);
  }

  /** This rule for requests that bound their answers by so much only. */
  public Route maxOutputTokens(int max) {
    return withMaxOutputTokens(max);
  }

  /** This rule with targets that stay for what belongs together. */
  public Route sticky(Sticky by) {
    return withSticky(by);
  }

  /** Whether it fits a request. */
  boolean fits(RequestInfo request) {
    int answer = request.maxOutputTokens();
    return request.promptTokens() >= minPromptTokens
        && (maxPromptTokens == 0 || request.promptTokens() <= maxPromptTokens)
        && (maxOutputTokens == 0 || (answer > 0 && answer <= maxOutputTokens))
        && names(request.model());
  }

  private boolean names(String model) {
    for (String name : models) {
      boolean prefix = name.endsWith("*");
      if (prefix ? model.startsWith(name.substring(0, name.length() - 1)) : model.equals(name)) {
        return true;
      }
    }
    return false;
  }
}
