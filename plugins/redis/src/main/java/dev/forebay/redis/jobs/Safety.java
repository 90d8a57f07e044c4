package dev.forebay.redis.jobs;

import dev.forebay.redis.RedisFailure;
import dev.forebay.redis.RedisWire;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a Redis keeps what it is given. One that may evict jobs is refused; one that may lose the
 * last writes when it dies is warned of, once.
 */
final class Safety {

  private static final Logger LOG = LoggerFactory.getLogger(Safety.class);
  private static final String POLICY = "noeviction";

  private final RedisWire wire;
  private final String name;
  private final Counter warnings;
  private boolean warned;

  Safety(RedisWire wire, PluginContext context) {
    this.wire = wire;
    this.name = context.name();
    this.warnings = context.counter("server_warnings");
  }

  /** Fails if the server is not reached, or may evict jobs. */
  Future<Void> check() {
    return parameter("maxmemory-policy")
        .compose(
            policy -> {
              if (policy != null && !policy.equals(POLICY)) {
                return Future.failedFuture(
                    new IllegalStateException(
                        "maxmemory-policy: "
                            + policy
                            + " (expected: noeviction, since the server may evict jobs)"));
              }
              return Future.join(parameter("appendonly"), parameter("appendfsync"))
                  .map(
                      both -> {
                        warn(warning(policy, both.resultAt(0), both.resultAt(1)));
                        return null;
                      });
            });
  }

  /** What is to be said of a server; null if nothing. */
  static @Nullable String warning(
      @Nullable String policy, @Nullable String appendOnly, @Nullable String sync) {
    if (policy == null || appendOnly == null || sync == null) {
      return "the server does not tell its configuration (expected: maxmemory-policy noeviction,"
          + " appendonly yes, appendfsync always)";
    }
    return appendOnly.equals("yes") && sync.equals("always")
        ? null
        : "the server may lose jobs when it dies: appendonly "
            + appendOnly
            + ", appendfsync "
            + sync
            + " (expected: yes and always)";
  }

  private void warn(@Nullable String warning) {
    if (warning != null && !warned) {
      warned = true;
      warnings.increment();
      LOG.warn("{}: {}", name, warning);
    }
  }

  /** Null if the server does not allow the question. */
  private Future<@Nullable String> parameter(String parameter) {
    return wire.parameter(parameter)
        .recover(
            thrown ->
                thrown instanceof RedisFailure failure && answered(failure)
                    ? Future.succeededFuture(null)
                    : Future.failedFuture(thrown));
  }

  private static boolean answered(RedisFailure failure) {
    return failure.reason() == RedisFailure.Reason.ERROR
        || String.valueOf(failure.getMessage()).contains("NOPERM");
  }
}
