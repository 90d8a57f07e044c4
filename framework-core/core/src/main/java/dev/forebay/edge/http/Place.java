package dev.forebay.edge.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The places where the listeners of a Vert.x instance listen. For Vert.x two servers with one host
 * and one port are one server, and each connection goes to either; so a second listener has to be
 * refused here. Between processes the operating system refuses it.
 */
public final class Place {

  private static final String MAP = "dev.forebay.places";

  private final Map<String, Boolean> taken;
  private final String name;
  private boolean own;

  /**
   * A place that is not taken yet.
   *
   * @param port a free one where it is not above 0: that is nobody else's
   */
  public Place(Vertx vertx, String host, int port) {
    taken = vertx.sharedData().getLocalMap(MAP);
    name = port > 0 ? host + ":" + port : "";
  }

  /** Takes the place and listens; fails where another listener has it. */
  public synchronized <T> Future<T> listen(Supplier<Future<T>> listening) {
    if (!name.isEmpty() && taken.putIfAbsent(name, true) != null) {
      return Future.failedFuture(
          new IllegalStateException("another listener of this process is there"));
    }
    own = true;
    return listening.get().onFailure(e -> giveBack());
  }

  /** Gives the place back; a second time has no effect. */
  public synchronized void giveBack() {
    if (own) {
      own = false;
      taken.remove(name);
    }
  }
}
