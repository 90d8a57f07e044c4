package dev.forebay.junit5;

import dev.forebay.openai.OpenAi;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.ServerStats;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An emulated OpenAI-compatible upstream of a gateway under test. It can be killed, started again,
 * and given other faults while the gateway runs; its port stays the same. Its methods block, and
 * are for one thread at a time: the test's.
 */
public final class EmulatedUpstream {

  private static final int REBIND_TRIES = 250;
  private static final long REBIND_MILLIS = 20;

  private final String id;
  private final Vertx vertx;
  private final Changes changes;
  private final int port;
  private final List<EmulatorEvent> earlier = new ArrayList<>();
  private EmulatorProfile profile;
  private @Nullable Emulator emulator;

  EmulatedUpstream(String id, EmulatorProfile profile, Vertx vertx, Changes changes) {
    this.id = id;
    this.profile = profile;
    this.vertx = vertx;
    this.changes = changes;
    this.port = launch(profile).port();
  }

  /** What it is called, as a backend of the gateway and in {@code x-forebay-backend}. */
  public String id() {
    return id;
  }

  /** The port that it listens on; the same after it was killed and started again. */
  public int port() {
    return port;
  }

  /** Where it listens, such as {@code http://127.0.0.1:40123}. */
  public URI uri() {
    return URI.create("http://" + profile.host() + ":" + port);
  }

  /** Whether it was not killed. A crash of its profile does not count. */
  public boolean running() {
    return emulator != null;
  }

  /**
   * What happened to requests here, oldest first, also before it was killed; of each life as many
   * as {@link EmulatorProfile#logCapacity()}.
   */
  public List<EmulatorEvent> events() {
    List<EmulatorEvent> all = new ArrayList<>(earlier);
    if (emulator != null) {
      all.addAll(emulator.events());
    }
    return List.copyOf(all);
  }

  /** How many events of a kind there are. */
  public long count(EmulatorEvent.Kind kind) {
    return events().stream().filter(event -> event.kind() == kind).count();
  }

  /**
   * Waits until there are so many events of a kind.
   *
   * @throws AssertionError where there are not within 10 s
   */
  public void await(EmulatorEvent.Kind kind, long count) {
    Duration bound = Duration.ofSeconds(10);
    if (!changes.await(() -> count(kind) >= count, bound)) {
      throw new AssertionError(
          "upstream %s: %d events %s after %s (expected: %d)"
              .formatted(id, count(kind), kind, bound, count));
    }
  }

  /** Stops it at once: connections are closed, requests under way are cut, new ones refused. */
  public void kill() {
    Emulator dying = emulator;
    if (dying != null) {
      Blocking.get(dying.close(), "killing the upstream " + id);
      earlier.addAll(dying.events());
      emulator = null;
    }
  }

  /** Starts it again where it was killed, with the profile it had. */
  public void restart() {
    if (emulator == null) {
      launch(profile);
    }
  }

  /**
   * Goes on with these faults in place of the ones it had, none for a healthy server. Requests
   * under way are cut: it is a new process. Times of the faults count from now.
   */
  public void restartWith(Fault... faults) {
    kill();
    profile = profile.with(faults);
    launch(profile);
  }

  /** What its server has done since it was started; null where it was killed. */
  public @Nullable ServerStats stats() {
    return emulator == null
        ? null
        : Blocking.get(emulator.stats(), "the statistics of the upstream " + id);
  }

  /** How the gateway reaches it. */
  OpenAi options() {
    OpenAi options = OpenAi.at(id, uri().toString()).withModels(profile.models());
    String key = profile.apiKey();
    return key == null ? options : options.withKey(key);
  }

  private Emulator launch(EmulatorProfile wanted) {
    int at = port == 0 ? wanted.port() : port;
    Emulator launched =
        Blocking.get(start(wanted.withPort(at), REBIND_TRIES), "starting the upstream " + id);
    launched.onEvent(event -> changes.happened());
    emulator = launched;
    return launched;
  }

  /** Tries again: the system gives a port back a moment after its socket was closed. */
  private Future<Emulator> start(EmulatorProfile wanted, int tries) {
    return Emulator.start(vertx, wanted)
        .recover(
            e ->
                e instanceof BindException && tries > 1 && wanted.port() != 0
                    ? vertx
                        .timer(REBIND_MILLIS, TimeUnit.MILLISECONDS)
                        .compose(later -> start(wanted, tries - 1))
                    : Future.failedFuture(e));
  }
}
