package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.options.NamedPlugin;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A queue of jobs that breaks each rule. */
final class BrokenJobQueues {

  private BrokenJobQueues() {}

  /** Queues in memory, each with entries of its own. */
  abstract static class Queues implements JobQueueContract {
    @Override
    public Plugin<JobQueue> plugin() {
      return NamedPlugin.of(JobQueue.class, "broken", context -> queue(context, new ArrayList<>()));
    }

    @Override
    public JobQueue beside(JobQueue one, Stage stage) {
      return queue(stage.context(), ((ReferenceJobQueue) one).waiting);
    }

    abstract ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting);
  }

  /** Loses the priority. */
  @AlsoFails({"W2", "W9"})
  static final class W1 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        public Future<Void> enqueue(JobEntry entry) {
          return super.enqueue(new JobEntry(entry.id(), entry.tenant(), 7, entry.dueMillis()));
        }
      };
    }
  }

  /** Does not look at due times. */
  @AlsoFails("W4")
  static final class W2 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        boolean due(JobEntry entry) {
          return true;
        }
      };
    }
  }

  /** Gives out again what it has given out. */
  @AlsoFails({"W2", "W4", "W5", "W6", "W8", "P11"})
  static final class W3 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        JobDelivery delivery(JobEntry entry) {
          if (waiting.size() < 1_000) {
            waiting.add(entry);
          }
          return super.delivery(entry);
        }
      };
    }
  }

  /** Comes again at once. */
  static final class W4 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        JobDelivery delivery(JobEntry entry) {
          return new Delivery(entry) {
            @Override
            public Future<Void> retryAt(long dueMillis) {
              return super.retryAt(0);
            }
          };
        }
      };
    }
  }

  /** Loses what a worker held. */
  static final class W5 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        void giveBack() {
          held.clear();
        }
      };
    }
  }

  /** Rejects, and tries again. */
  static final class W6 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        JobDelivery delivery(JobEntry entry) {
          return new Delivery(entry) {
            @Override
            public Future<Void> reject(String reason, int attempts) {
              return waiting.size() < 1_000 ? retryAt(0) : done();
            }
          };
        }
      };
    }
  }

  /** Looks every quarter of a minute. */
  static final class W7 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        long lookAfter() {
          return waiting.isEmpty() && held.isEmpty() ? 15_000_000_000L : super.lookAfter();
        }
      };
    }
  }

  /** Takes settlements in order only. */
  @AlsoFails("W5")
  static final class W8 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        JobDelivery delivery(JobEntry entry) {
          return new Delivery(entry) {
            @Override
            public Future<Void> done() {
              return held.indexOf(entry()) > 0 ? Future.succeededFuture() : super.done();
            }
          };
        }
      };
    }
  }

  /** First in, first out. */
  static final class W9 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        Comparator<JobEntry> order() {
          return Comparator.comparing(JobEntry::tenant); // of one tenant
        }
      };
    }
  }

  /** Goes on when it is closed. */
  static final class W10 extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting) {
        @Override
        public Future<Void> close() {
          context.timeline().after(1, this::again);
          return super.close();
        }

        private void again() {
          context.timeline().after(1_000_000_000_000L, this::again);
        }
      };
    }
  }

  /** A queue that holds every rule. */
  static final class Good extends Queues {
    @Override
    ReferenceJobQueue queue(PluginContext context, List<JobEntry> waiting) {
      return new ReferenceJobQueue(context, waiting);
    }
  }
}
