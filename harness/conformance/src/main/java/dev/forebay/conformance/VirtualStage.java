package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A stage in virtual time. */
final class VirtualStage implements Stage {

  private static final long QUIET_SECONDS = 3_600;

  private final TestContext context;

  VirtualStage(TestContext context) {
    this.context = context;
  }

  @Override
  public PluginContext context() {
    return context;
  }

  @Override
  public Timeline requestTimeline() {
    return context.timeline();
  }

  @Override
  public <V extends @Nullable Object> Future<V> await(String call, Supplier<Future<V>> action) {
    return context.await(call, action.get());
  }

  @Override
  public void quiet() {
    context.passSeconds(QUIET_SECONDS);
  }

  @Override
  public int pending() {
    return context.timeline().pending();
  }
}
