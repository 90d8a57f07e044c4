package dev.forebay.gateway;

import dev.forebay.core.AdmissionFilter;
import dev.forebay.core.DeadlineFilter;
import dev.forebay.core.FallbackFilter;
import dev.forebay.core.HedgeFilter;
import dev.forebay.core.RetryFilter;
import dev.forebay.core.caching.CachingOptions;
import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RateLimiter;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.ResponseCache;

/** One step of a pipeline, as a description: nothing is made yet. */
public sealed interface Stage {

  /** What configurations call it: {@code deadline}, {@code rate-limit} and so on. */
  String kind();

  /** Bounds on the time of a request. */
  record Deadline(DeadlineFilter.Options options) implements Stage {
    @Override
    public String kind() {
      return "deadline";
    }
  }

  /** A limit of the caller's rate. */
  record RateLimit(Plugin<RateLimiter> limiter) implements Stage {
    @Override
    public String kind() {
      return "rate-limit";
    }
  }

  /** A cache of answers, with single flight. */
  record Cache(Plugin<ResponseCache> store, CachingOptions options) implements Stage {
    @Override
    public String kind() {
      return "cache";
    }
  }

  /** Further tries. */
  record Retry(RetryFilter.Options options) implements Stage {
    @Override
    public String kind() {
      return "retry";
    }
  }

  /** A second call where the first is slow to speak. */
  record Hedge(HedgeFilter.Options options) implements Stage {
    @Override
    public String kind() {
      return "hedge";
    }
  }

  /** Another pool or model, where what follows has no answer. */
  record Fallback(FallbackFilter.Options options) implements Stage {

    /** Another pool, after every ending that another may answer. */
    public Fallback(String pool) {
      this(FallbackFilter.Options.to(pool, null));
    }

    @Override
    public String kind() {
      return "fallback";
    }
  }

  /** A limit of what is under way, and a queue before it. */
  record Admit(
      Plugin<ConcurrencyLimiter> limiter,
      Plugin<RequestQueue> queue,
      AdmissionFilter.Options options)
      implements Stage {
    @Override
    public String kind() {
      return "admit";
    }
  }

  /** Any other filter. */
  record Custom(Plugin<Filter> filter) implements Stage {
    @Override
    public String kind() {
      return "filter";
    }
  }
}
