package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.NamedPlugin;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A store of jobs that breaks each rule. */
final class BrokenJobStores {

  private BrokenJobStores() {}

  /** Stores in memory. */
  abstract static class Stores implements JobStoreContract {
    @Override
    public Plugin<JobStore> plugin() {
      return NamedPlugin.of(JobStore.class, "broken", this::store);
    }

    /** They look through all jobs for each question, so few are asked for. */
    @Override
    public int memoryBound() {
      return 1_000;
    }

    abstract ReferenceJobStore store(PluginContext context);
  }

  /** Forgets what the service noted. */
  static final class J1 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        JobRequest kept(JobRequest request) {
          return new JobRequest(
              request.id(),
              request.tenant(),
              request.priority(),
              request.createdMillis(),
              request.callback(),
              Buffer.buffer());
        }
      };
    }
  }

  /** Gives out what is not due. */
  @AlsoFails("J8")
  static final class J2 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        boolean claimable(Row row) {
          return row.state == JobState.QUEUED || super.claimable(row);
        }
      };
    }
  }

  /** Looks at states only, not at epochs. */
  static final class J3 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        boolean held(Row row, JobLease lease) {
          return row.state == JobState.RUNNING;
        }
      };
    }
  }

  /** Looks first, and writes later. */
  static final class J4 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        public Future<Claim> claim(String id, String owner, Duration lease) {
          Row row = find(id);
          if (row == null || !claimable(row)) {
            return super.claim(id, owner, lease);
          }
          Promise<Claim> later = Promise.promise();
          context.timeline().after(0, () -> later.complete(take(row, owner, lease)));
          return later.future();
        }
      };
    }
  }

  /** Says that it extends leases. */
  static final class J5 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        public Future<Boolean> extend(JobLease lease, Duration by) {
          return write(lease, row -> {});
        }
      };
    }
  }

  /** Refuses an end that is told again. */
  static final class J6 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        public Future<Boolean> finish(
            JobLease lease, JobState state, String reason, @Nullable JobResult result) {
          Row row = find(lease.id());
          return row != null && row.state.over()
              ? Future.succeededFuture(false)
              : super.finish(lease, state, reason, result);
        }
      };
    }
  }

  /** Lets work under way go on. */
  static final class J7 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        boolean cancellable(Row row) {
          return row.state == JobState.QUEUED;
        }
      };
    }
  }

  /** Counts a stop as a try. */
  static final class J8 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        int givenBack(int attempts) {
          return attempts;
        }
      };
    }
  }

  /** Gives a job to a caller of another tenant that sends its key. */
  static final class J9 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        String name(String tenant, String key) {
          return key;
        }
      };
    }
  }

  /** Appends twice what is sent twice. */
  static final class J10 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        List<Buffer> fresh(List<Buffer> data, int known) {
          return data;
        }
      };
    }
  }

  /** Tells readers at the end only. */
  static final class J11 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        void told(Row row) {}
      };
    }
  }

  /** Gives the same out to everybody. */
  static final class J12 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        long moved(Row row, Duration again) {
          return row.check;
        }
      };
    }
  }

  /** Keeps the keys of jobs that are gone. */
  @AlsoFails({"J9", "P11"})
  static final class J13 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        void freed(Row row, IdempotencyKey key) {}
      };
    }
  }

  /** Lists the oldest first. */
  static final class J14 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        Collection<Row> newestFirst() {
          return rows.values();
        }
      };
    }
  }

  /** Begins again with the old attempts. */
  static final class J15 extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context) {
        @Override
        int revived(int attempts) {
          return attempts;
        }
      };
    }
  }

  /** A store that holds every rule. */
  static final class Good extends Stores {
    @Override
    ReferenceJobStore store(PluginContext context) {
      return new ReferenceJobStore(context);
    }
  }
}
