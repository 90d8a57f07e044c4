package dev.forebay.jobs;

import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** The line between a gateway and its stores, which can be cut. */
final class Switch {

  private boolean cut;
  private String failing = "";
  private boolean losing;
  private String holding = "";
  private final Promise<Object> held = Promise.promise();

  /** Whatever is asked from now on fails. */
  void cut() {
    cut = true;
  }

  void mend() {
    cut = false;
  }

  /** One step fails from now on, and no other. */
  void fail(String step) {
    failing = step;
  }

  /** Entries are acknowledged, but lost; and so is the note that they are there. */
  void loseEntries(boolean lose) {
    losing = lose;
  }

  /** One step has no answer from now on. */
  void hold(String step) {
    holding = step;
  }

  /** What is held fails. */
  void letGo() {
    held.fail("the line is closed");
  }

  JobStore store(JobStore store) {
    return through(JobStore.class, store);
  }

  JobQueue queue(JobQueue queue) {
    return through(JobQueue.class, queue);
  }

  private <T> T through(Class<T> type, T inner) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getReturnType() == Future.class) {
                if (cut || method.getName().equals(failing)) {
                  return Future.failedFuture("the line is cut");
                }
                if (method.getName().equals(holding)) {
                  return held.future();
                }
                if (losing && method.getName().startsWith("enqueue")) {
                  return Future.succeededFuture();
                }
              }
              try {
                return method.invoke(inner, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            }));
  }
}
