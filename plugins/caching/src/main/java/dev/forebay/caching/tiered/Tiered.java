package dev.forebay.caching.tiered;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.ResponseCache;

/** A cache in the gateway's memory in front of one that gateways share. */
public final class Tiered implements Provider<ResponseCache, Tiered.Options> {

  /**
   * Options.
   *
   * @param local asked first; filled by what the other has
   * @param remote asked where the first has nothing; where it is a {@link
   *     dev.forebay.spi.SharedCache}, what other gateways change leaves the first
   */
  @Doc(
      "A local cache in front of a remote one: asked first, filled by what the remote one has, and"
          + " rid of what other gateways change there.")
  public record Options(
      @Doc("The cache in the gateway's memory.") @Default("lru") Plugin<ResponseCache> local,
      @Doc("The cache that gateways share.") Plugin<ResponseCache> remote) {}

  /** A local cache in front of a remote one. */
  public static Plugin<ResponseCache> of(
      Plugin<ResponseCache> local, Plugin<ResponseCache> remote) {
    return Plugin.of(new Tiered(), new Options(local, remote));
  }

  @Override
  public Class<ResponseCache> kind() {
    return ResponseCache.class;
  }

  @Override
  public String name() {
    return "tiered";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ResponseCache create(Options options, PluginContext context) {
    return new TieredCache(
        options.local().create(new TierContext("local", context)),
        options.remote().create(new TierContext("remote", context)),
        context);
  }
}
