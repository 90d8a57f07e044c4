package dev.forebay.core.caching;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What must not be cached, and why: counted by reason. */
final class Bypass {

  /** Why a request passes the cache by. */
  enum Reason {
    /**
     * It has no identity: a name is there twice in its body, nothing is known of it, or it asks for
     * the rest of an answer.
     */
    NO_IDENTITY,
    /** It asks for much chance. */
    TEMPERATURE,
    /** Its answer may be an action. */
    TOOLS,
    /** It names an end user. */
    USER,
    /** Its body is large. */
    SIZE,
    /** It has a header that reaches the upstream and may change the answer. */
    HEADERS
  }

  private final Cache.Cacheable options;
  private final Supplier<Set<String>> passedHeaders;
  private final Map<Reason, Counter> byReason = new EnumMap<>(Reason.class);

  Bypass(Cache.Cacheable options, Supplier<Set<String>> passedHeaders, PluginContext context) {
    this.passedHeaders = passedHeaders;
    this.options = options;
    Labelled<Counter> counters = context.counters("bypasses", Label.of("reason"));
    for (Reason reason : Reason.values()) {
      byReason.put(reason, counters.of(reason.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Why a request passes by; null where it does not. From any thread. */
  @Nullable Reason reason(InferenceRequest request) {
    RequestInfo info = request.info();
    if (info.promptKey() == null || request.attempt().given() > 0) {
      return Reason.NO_IDENTITY;
    }
    if (info.traits().temperature() > options.maxTemperature()) {
      return Reason.TEMPERATURE;
    }
    if (info.traits().tools() && !options.tools()) {
      return Reason.TOOLS;
    }
    if (!info.caller().user().isEmpty() && !options.users()) {
      return Reason.USER;
    }
    if (request.body().length() > options.maxRequest()) {
      return Reason.SIZE;
    }
    return changes(request.head()) ? Reason.HEADERS : null;
  }

  /** Whether a header of a request may change the answer: no key of a cache knows of it. */
  private boolean changes(HttpHead head) {
    Set<String> names = passedHeaders.get();
    if (names.isEmpty()) {
      return false;
    }
    for (Map.Entry<String, String> header : head.headers().entries()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      for (String each : names) {
        int end = each.length() - 1;
        if (name.equals(each) || (each.endsWith("*") && name.regionMatches(0, each, 0, end))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Counts it. From any thread. */
  void count(Reason reason) {
    Objects.requireNonNull(byReason.get(reason)).increment();
  }
}
