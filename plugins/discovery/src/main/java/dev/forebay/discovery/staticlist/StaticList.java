package dev.forebay.discovery.staticlist;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Future;
import java.util.List;

/**
 * Tells of a list that stands in the options: many equal backends from one template.
 *
 * @param addresses each {@code HOST:PORT} or {@code [IPV6]:PORT}
 */
@RecordBuilder
@Doc("A list of addresses that does not change.")
public record StaticList(@Doc("addresses, each HOST:PORT or [IPV6]:PORT") List<String> addresses)
    implements Plugin<EndpointSource>, StaticListBuilder.With {

  /** Copies, and checks each. */
  public StaticList {
    addresses = List.copyOf(addresses);
    addresses.forEach(Instance::parse);
  }

  /** The source of some addresses. */
  public static StaticList of(String... addresses) {
    return new StaticList(List.of(addresses));
  }

  @Override
  public EndpointSource create(PluginContext context) {
    List<Instance> all = addresses.stream().map(Instance::parse).toList();
    return new Fixed(all);
  }

  /** Tells it once. */
  private record Fixed(List<Instance> all) implements EndpointSource {
    @Override
    public void watch(Watcher watcher) {
      watcher.members(all);
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
