package dev.forebay.gateway;

import dev.forebay.spi.Call;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The calls that are under way in an assembly, and what is done once none is. From any thread. */
final class OpenCalls {

  private final AtomicInteger open = new AtomicInteger();
  private final Consumer<Call> keeping = this::keep;
  private final AtomicReference<@Nullable Runnable> whenIdle = new AtomicReference<>();

  /** A request enters, or a call that may outlast it. */
  void enter() {
    open.incrementAndGet();
  }

  /** Calls that are made apart of that of a request enter, too: shared calls may outlast it. */
  void follow(Call request) {
    request.onApart(keeping);
  }

  private void keep(Call apart) {
    enter();
    apart.onEnd(this::leave);
  }

  /** A request that entered is over. */
  void leave() {
    if (open.decrementAndGet() == 0) {
      idle();
    }
  }

  /** Runs an action once none is under way any more. */
  void retire(Runnable action) {
    whenIdle.set(action);
    if (open.get() == 0) {
      idle();
    }
  }

  private void idle() {
    Runnable action = whenIdle.getAndSet(null);
    if (action != null) {
      action.run();
    }
  }
}
