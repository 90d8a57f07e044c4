package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at a registry in memory every 100 ms. */
class ReferenceSource implements EndpointSource {

  private static final long LOOK_NANOS = 100_000_000;

  final PluginContext context;
  final Memory registry;
  private Registration timer = Registration.NONE;
  @Nullable Watcher watcher;

  ReferenceSource(PluginContext context, Memory registry) {
    this.context = context;
    this.registry = registry;
  }

  /** A registry in memory. */
  static final class Memory implements EndpointSourceContract.Outside {
    List<Instance> instances = List.of();
    boolean broken;
    long asked;

    @Override
    public List<Instance> has(int count) {
      List<Instance> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(Instance.at("10.0.0." + (i + 1), 8000));
      }
      instances = all;
      return all;
    }

    @Override
    public void broken(boolean now) {
      broken = now;
    }

    @Override
    public long asked() {
      return asked;
    }

    @Override
    public long open() {
      return 0;
    }

    @Override
    public String secret() {
      return "hunter2";
    }
  }

  @Override
  public void watch(Watcher told) {
    watcher = told;
    look();
  }

  void look() {
    Watcher told = watcher;
    if (told == null) {
      return;
    }
    registry.asked++;
    if (registry.broken) {
      fail(told);
    } else {
      tell(told, registry.instances);
    }
    again(registry.broken);
  }

  void again(boolean failing) {
    timer = context.timeline().after(LOOK_NANOS, this::look);
  }

  void tell(Watcher told, List<Instance> all) {
    told.members(all);
  }

  void fail(Watcher told) {
    told.failed("the registry is broken");
  }

  @Override
  public Future<Void> close() {
    timer.cancel();
    watcher = null;
    return Future.succeededFuture();
  }
}
