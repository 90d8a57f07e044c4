package dev.forebay.balancing.maxfails;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.HealthPolicy;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Rests an endpoint after so many failures within a time, for the same time: {@code max_fails} and
 * {@code fail_timeout} of nginx's {@code ngx_http_upstream_module}. A 503 before any content does
 * not count while the endpoint works on other requests and has answered one within two seconds: it
 * is full, not sick. (nginx counts no 503 at all, unless {@code proxy_next_upstream} names it.)
 *
 * @param maxFails failures within {@code failTimeout} that rest an endpoint; 0 for never
 * @param failTimeout in which failures are counted, and for which the endpoint rests
 */
@RecordBuilder
@Doc("Rests an endpoint after so many failures within a time, for the same time, as nginx does.")
public record MaxFails(
    @Doc("failures within fail-timeout that rest an endpoint; 0: never")
        @Default("3")
        @Range(min = 0, max = 1000)
        int maxFails,
    @Doc("time in which failures are counted, and for which the endpoint then rests")
        @Default("30s")
        @Range(min = 0.001, max = 3600)
        Duration failTimeout)
    implements Plugin<HealthPolicy>, MaxFailsBuilder.With {

  /** The defaults: 3 within 30 s. */
  public static MaxFails defaults() {
    return Options.defaults(MaxFails.class);
  }

  @Override
  public HealthPolicy create(PluginContext context) {
    return new MaxFailsPolicy(this, context);
  }
}
