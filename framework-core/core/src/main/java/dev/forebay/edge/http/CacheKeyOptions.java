package dev.forebay.edge.http;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;

/**
 * What makes two requests one to a cache, beside what they ask.
 *
 * @param scope who is answered from whose answers
 * @param samplingDefaults whether {@code temperature} and {@code top_p} of 1 are as good as left
 *     out, as OpenAI and DeepSeek document it; false where a server's own defaults are others
 */
@Doc("What makes two requests one to a cache, beside what they ask.")
public record CacheKeyOptions(
    @Doc("Who is answered from whose answers.") @Default("tenant") Scope scope,
    @Doc(
            "Whether temperature and top_p of 1 are as good as left out (OpenAI, DeepSeek); not so"
                + " where servers have defaults of their own (llama.cpp, vLLM with a model's).")
        @Default("true")
        boolean samplingDefaults) {

  /** Everything at its default. */
  public static final CacheKeyOptions DEFAULTS = Options.defaults(CacheKeyOptions.class);

  /** Who is answered from whose answers. */
  public enum Scope {
    /** Each tenant from its own. */
    TENANT,
    /**
     * Each end user of a tenant, by the fields {@code user} and {@code safety_identifier}, from
     * their own; requests that name nobody share theirs.
     */
    USER,
    /** Everybody from everybody's: where there is nothing to hide between tenants. */
    EVERYBODY
  }
}
