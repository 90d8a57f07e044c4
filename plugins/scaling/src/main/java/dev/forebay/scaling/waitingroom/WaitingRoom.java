package dev.forebay.scaling.waitingroom;

import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Ref;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * The stage {@code waiting-room}: while a pool has no member that takes requests, they wait here
 * for the first. Their arrival starts it, if an autoscaler may empty the pool.
 *
 * @param pool whose members are waited for
 * @param maxWaiting requests that wait at most
 * @param maxWait the longest that one waits
 */
@RecordBuilder
@Doc(
    "While a pool has no member that takes requests, they wait for the first; their arrival starts"
        + " it, if the section scaling may empty the pool.")
public record WaitingRoom(
    @Doc("The pool whose members are waited for.")
        @Default("default")
        @Ref(value = "pool", asked = false)
        String pool,
    @Doc("Requests that wait at most; further ones are answered with 503.")
        @Default("1000")
        @Range(min = 1, max = 100_000)
        @Unit("requests")
        int maxWaiting,
    @Doc("The longest that a request waits; then it is answered with 503.")
        @Default("2m")
        @Range(min = 0.1, max = 3600)
        Duration maxWait)
    implements Plugin<Filter>, WaitingRoomBuilder.With {

  @Override
  public Filter create(PluginContext context) {
    Pools pools =
        context
            .resource(Pools.class)
            .orElseThrow(() -> new IllegalArgumentException("waiting-room: no gateway here"));
    return new WaitingRoomFilter(
        this,
        pools,
        context.resource(ComingCapacity.class).orElseGet(ComingCapacity::new),
        context);
  }
}
