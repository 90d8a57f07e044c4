package dev.forebay.caching.tiered;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * A cache in the gateway's memory in front of one that gateways share.
 *
 * @param local asked first; filled by what the other has
 * @param remote asked if the first has nothing; if it is a {@link
 *     dev.forebay.spi.policy.SharedCache}, what other gateways change leaves the first
 */
@RecordBuilder
@Doc(
    "A local cache in front of a remote one: asked first, filled by what the remote one has, and"
        + " rid of what other gateways change there.")
public record Tiered(
    @Doc("The cache in the gateway's memory.") @Default("lru") Plugin<ResponseCache> local,
    @Doc("The cache that gateways share.") Plugin<ResponseCache> remote)
    implements Plugin<ResponseCache>, TieredBuilder.With {

  /** A local cache in front of a remote one. */
  public static Tiered of(Plugin<ResponseCache> local, Plugin<ResponseCache> remote) {
    return new Tiered(local, remote);
  }

  @Override
  public ResponseCache create(PluginContext context) {
    return new TieredCache(
        local.create(context.child("local")), remote.create(context.child("remote")), context);
  }
}
