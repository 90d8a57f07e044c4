package dev.forebay.discovery.staticlist;

import dev.forebay.spi.Doc;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Instance;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import io.vertx.core.Future;
import java.util.List;

/** Tells of a list that stands in the options: many equal backends from one template. */
public final class StaticList implements Provider<EndpointSource, StaticList.Options> {

  /**
   * Options.
   *
   * @param addresses each {@code HOST:PORT} or {@code [IPV6]:PORT}
   */
  @Doc("A list of addresses that does not change.")
  public record Options(@Doc("addresses, each HOST:PORT or [IPV6]:PORT") List<String> addresses) {

    /** Copies, and checks each. */
    public Options {
      addresses = List.copyOf(addresses);
      addresses.forEach(Instance::parse);
    }
  }

  /** The source of some addresses. */
  public static Plugin<EndpointSource> of(String... addresses) {
    return Plugin.of(new StaticList(), new Options(List.of(addresses)));
  }

  @Override
  public Class<EndpointSource> kind() {
    return EndpointSource.class;
  }

  @Override
  public String name() {
    return "static-list";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public EndpointSource create(Options options, PluginContext context) {
    List<Instance> all = options.addresses().stream().map(Instance::parse).toList();
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
