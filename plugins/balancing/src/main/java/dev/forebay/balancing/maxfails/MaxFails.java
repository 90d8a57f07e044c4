package dev.forebay.balancing.maxfails;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import java.time.Duration;

/**
 * Rests an endpoint after so many failures within a time, for the same time: {@code max_fails} and
 * {@code fail_timeout} of nginx's {@code ngx_http_upstream_module}.
 */
public final class MaxFails implements Provider<HealthPolicy, MaxFails.Options> {

  private static final int FAILS = 3;
  private static final long TIMEOUT_SECONDS = 30;

  /**
   * Options.
   *
   * @param maxFails failures within {@code failTimeout} that rest an endpoint; 0 for never
   * @param failTimeout in which failures are counted, and for which the endpoint rests
   */
  @Doc("Rests an endpoint after so many failures within a time, for the same time, as nginx does.")
  public record Options(
      @Doc("failures within fail-timeout that rest an endpoint; 0: never")
          @Default("" + FAILS)
          @Range(min = 0, max = 1000)
          int maxFails,
      @Doc("time in which failures are counted, and for which the endpoint then rests")
          @Default(TIMEOUT_SECONDS + "s")
          @Range(min = 0.001, max = 3600)
          Duration failTimeout) {

    /** With other figures. */
    public Options within(int fails, Duration timeout) {
      return new Options(fails, timeout);
    }

    /** The plugin with these options. */
    public Plugin<HealthPolicy> plugin() {
      return Plugin.of(new MaxFails(), this);
    }
  }

  /** The defaults: 3 within 30 s. */
  public static Options defaults() {
    return new Options(FAILS, Duration.ofSeconds(TIMEOUT_SECONDS));
  }

  @Override
  public Class<HealthPolicy> kind() {
    return HealthPolicy.class;
  }

  @Override
  public String name() {
    return "max-fails";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public HealthPolicy create(Options options, PluginContext context) {
    return new MaxFailsPolicy(options, context);
  }
}
