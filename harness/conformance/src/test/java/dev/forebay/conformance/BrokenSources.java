package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A source of endpoints that breaks each rule. */
final class BrokenSources {

  private BrokenSources() {}

  /** Sources of a registry in memory. */
  abstract static class Sources implements EndpointSourceContract {
    private final ReferenceSource.Memory registry = new ReferenceSource.Memory();

    @Override
    public Outside outside() {
      return registry;
    }

    @Override
    public Plugin<EndpointSource> plugin() {
      return NamedPlugin.of(EndpointSource.class, "broken", context -> source(context, registry));
    }

    abstract EndpointSource source(PluginContext context, ReferenceSource.Memory registry);
  }

  /** Tells of the first instance only. */
  @AlsoFails({"D2", "D3", "D4", "D5", "D7"})
  static final class D1 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void tell(Watcher told, List<Instance> all) {
          super.tell(told, all.subList(0, Math.min(1, all.size())));
        }
      };
    }
  }

  /** Never lets go of an instance. */
  static final class D2 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        private List<Instance> most = List.of();

        @Override
        void tell(Watcher told, List<Instance> all) {
          most = all.size() >= most.size() ? all : most;
          super.tell(told, most);
        }
      };
    }
  }

  /** Tells an instance twice, once it has told of three. */
  @AlsoFails("D2")
  static final class D3 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void tell(Watcher told, List<Instance> all) {
          super.tell(
              told, all.size() < 4 ? all : all.stream().map(one -> one.weighing(2)).toList());
        }
      };
    }
  }

  /** Says more than it should. */
  static final class D4 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void fail(Watcher told) {
          told.failed("401 for the token hunter2");
        }
      };
    }
  }

  /** Gives up after the first failure. */
  static final class D5 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void again(boolean failing) {
          if (!failing) {
            super.again(failing);
          }
        }
      };
    }
  }

  /** Asks again at once. */
  static final class D6 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void again(boolean failing) {
          if (failing) {
            context.timeline().after(1_000_000, this::look);
          } else {
            super.again(failing);
          }
        }
      };
    }
  }

  /** Asks again without any pause. */
  @AlsoFails({"D4", "D5"})
  static final class D6AtOnce extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        void again(boolean failing) {
          if (failing) {
            context.timeline().after(0, this::look);
          } else {
            super.again(failing);
          }
        }
      };
    }
  }

  /** Goes on when it is closed. */
  @AlsoFails({"D8", "P10", "P11"})
  static final class D7 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        @Override
        public Future<Void> close() {
          return Future.succeededFuture();
        }
      };
    }
  }

  /** Cannot be closed before it was used. */
  static final class D8 extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry) {
        private @Nullable Map<String, Instance> known;

        @Override
        public void watch(Watcher told) {
          known = Map.of();
          super.watch(told);
        }

        @Override
        public Future<Void> close() {
          return known == null ? Future.failedFuture("not open") : super.close();
        }
      };
    }
  }

  /** A source that holds every rule. */
  static final class Good extends Sources {
    @Override
    EndpointSource source(PluginContext context, ReferenceSource.Memory registry) {
      return new ReferenceSource(context, registry);
    }
  }
}
