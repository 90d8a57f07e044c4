package dev.forebay.conformance;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The answers used last, 1,000 at most and 16 MiB at most, for a day. */
class ReferenceCache implements ResponseCache {

  static final long MOST_BYTES = 16 << 20;

  private static final int MOST_ENTRIES = 1_000;
  private static final long DAY_MILLIS = 86_400_000;

  final Map<Object, CachedAnswer> answers = new LinkedHashMap<>(16, 0.75f, true);
  private final PluginContext context;
  long bytes;

  ReferenceCache(PluginContext context) {
    this.context = context;
  }

  static Plugin<ResponseCache> plugin(Function<PluginContext, ResponseCache> maker) {
    return NamedPlugin.of(ResponseCache.class, "broken", maker);
  }

  Object key(PromptKey key) {
    return key;
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    CachedAnswer found = answers.get(key(key));
    return Future.succeededFuture(found == null || old(found) ? null : found);
  }

  boolean old(CachedAnswer answer) {
    return context.timeline().epochMillis() - answer.storedAtMillis() > DAY_MILLIS;
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    invalidate(key);
    answers.put(key(key), answer);
    bytes += answer.bytes();
    Iterator<CachedAnswer> eldest = answers.values().iterator();
    while (answers.size() > MOST_ENTRIES || bytes > mostBytes()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
    return Future.succeededFuture();
  }

  long mostBytes() {
    return MOST_BYTES;
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    CachedAnswer gone = answers.remove(key(key));
    if (gone != null) {
      left(gone);
    }
    return Future.succeededFuture();
  }

  void left(CachedAnswer gone) {
    bytes -= gone.bytes();
  }
}
