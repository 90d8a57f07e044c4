package dev.forebay.redis;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server makes room as a cache needs it, looked at once at the start. Advised is {@code
 * maxmemory-policy volatile-ttl}, so that answers leave which would end soonest anyhow, and nothing
 * that others keep there without a time to live; and a {@code maxmemory}.
 */
final class EvictionPolicy {

  private static final Logger LOG = LoggerFactory.getLogger(EvictionPolicy.class);
  private static final String ADVISED = "volatile-ttl";

  private EvictionPolicy() {}

  /** Asks on the timeline, whichever thread makes the cache. */
  static void check(RedisStore store, PluginContext context) {
    Counter warnings = context.counter("server_warnings");
    context.timeline().execute(() -> ask(store, context, warnings));
  }

  private static void ask(RedisStore store, PluginContext context, Counter warnings) {
    store
        .parameter("maxmemory-policy")
        .compose(
            policy ->
                store
                    .parameter("maxmemory")
                    .onSuccess(memory -> warn(policy, memory, context, warnings)))
        .onFailure(
            unknown ->
                LOG.info(
                    "{}: the server's maxmemory-policy is not known ({}); advised: {}",
                    context.name(),
                    unknown.getMessage(),
                    ADVISED));
  }

  private static void warn(
      @Nullable String policy, @Nullable String memory, PluginContext context, Counter warnings) {
    String warning = warning(policy, memory);
    if (warning != null) {
      warnings.increment();
      LOG.warn("{}: {}", context.name(), warning);
    }
  }

  static @Nullable String warning(@Nullable String policy, @Nullable String memory) {
    if ("0".equals(memory)) {
      return "the server has no maxmemory (advised: a bound, and maxmemory-policy " + ADVISED + ")";
    }
    return policy == null || policy.equals(ADVISED)
        ? null
        : "the server's maxmemory-policy is " + policy + " (advised: " + ADVISED + ")";
  }
}
