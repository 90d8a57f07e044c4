package dev.forebay.scaling.permember;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Ref;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;

/**
 * A limit that grows and shrinks with a pool: so many requests for each member that does not drain.
 * In front of a pool that is scaled, a fixed limit would keep the load from new members.
 *
 * @param requests under way at most, for each member
 * @param pool whose members count
 */
@Doc("So many requests for each member of a pool that does not drain; for pools that are scaled.")
public record PerMember(
    @Doc("Requests under way at most, for each member.")
        @Range(min = 1, max = 100_000)
        @Unit("requests")
        int requests,
    @Doc("The pool whose members count.") @Default("default") @Ref(value = "pool", asked = false)
        String pool)
    implements Plugin<ConcurrencyLimiter> {

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    Pools pools =
        context
            .resource(Pools.class)
            .orElseThrow(() -> new IllegalArgumentException("per-member: no gateway here"));
    return new MemberLimiter(this, pools);
  }
}
