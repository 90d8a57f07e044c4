package dev.forebay.cli;

import dev.forebay.server.ListenException;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** A server that runs until it is told to stop. */
final class Running {

  private Running() {}

  /** A URL of a listener: {@code http://127.0.0.1:8080}. */
  static String url(String host, int port) {
    return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  /**
   * Waits for a start.
   *
   * @throws ListenException as it failed, or another exception
   */
  static <T> T await(Future<T> started) throws InterruptedException {
    try {
      return started.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(String.valueOf(e.getCause()), e);
    }
  }

  /**
   * Waits for Ctrl-C, SIGTERM or an interrupt of this thread, then closes.
   *
   * <p>A signal runs the shutdown hooks of the JVM, after which it would exit with 128 and the
   * signal's number; a stop that was asked for is no failure, so the hook itself ends the process.
   *
   * @param close the drain
   * @param endDrain ends it at once: what a further Ctrl-C or SIGTERM does
   * @return the exit code
   */
  static int untilStopped(Supplier<Future<Void>> close, Runnable endDrain, PrintWriter err) {
    Thread hook =
        new Thread(
            () -> {
              onSignal(endDrain, "INT", "TERM");
              Runtime.getRuntime().halt(stop(close, err));
            },
            "forebay-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    return stop(close, err);
  }

  /**
   * From now on the process ends when its standard input does, that is not later than the process
   * that holds the other end, however that one ends.
   */
  static void untilInputEnds() {
    Thread.ofPlatform()
        .daemon()
        .name("forebay-input")
        .start(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // no input any more
              }
              Runtime.getRuntime().halt(Main.FAILED);
            });
  }

  /**
   * From now on signals do this. The JDK has no other class for it, and its compiler warns of this
   * one in a way that nobody can switch off; so it is found by its name. If it is not, or the JVM
   * was told to leave signals alone, the signals do what they did.
   *
   * @param names without SIG
   */
  static void onSignal(Runnable action, String... names) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object acting =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      for (String name : names) {
        Object each = signal.getConstructor(String.class).newInstance(name);
        signal.getMethod("handle", signal, handler).invoke(null, each, acting);
      }
    } catch (ReflectiveOperationException e) {
      // said above
    }
  }

  private static int stop(Supplier<Future<Void>> close, PrintWriter err) {
    err.println("forebay: stopping: requests under way may end");
    err.flush();
    try {
      await(close.get());
      return Main.OK;
    } catch (InterruptedException | RuntimeException e) {
      err.println("forebay: did not stop cleanly: " + e.getMessage());
      err.flush();
      return Main.FAILED;
    }
  }
}
