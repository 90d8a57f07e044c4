package dev.forebay.kubernetes;

import dev.forebay.spi.Call;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lists, then watches from the version of the list, as Kubernetes asks its clients to ("Efficient
 * detection of changes"). A watch that ends, or breaks, is begun again from the last version that
 * an event or a bookmark gave; where that version is gone (410), and after each failure, the list
 * is asked for anew.
 *
 * <p>Pauses grow until a watch has told something, or lasted: a list that works says nothing of
 * watches, which are another permission. Where the watch is what failed, the lists meanwhile are
 * told where they differ, and that all is well only once a watch has proved it.
 */
final class KubernetesSource implements EndpointSource {

  private static final long LEAST_PAUSE_NANOS = Duration.ofMillis(200).toNanos();
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long LASTING_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MOST_FAILURES = 30;

  private final Api server;
  private final long lastingNanos;
  private final PluginContext context;
  private final Slices slices;
  private Registration timer = Registration.NONE;
  private Registration lasting = Registration.NONE;
  private @Nullable Call call;
  private @Nullable Watcher watcher;
  private String version = "";
  private List<Instance> told = List.of();
  private int failures;
  private boolean watchFailed;

  KubernetesSource(Api server, Kubernetes options, PluginContext context) {
    this.server = server;
    this.context = context;
    this.slices = new Slices(options.port());
    this.lastingNanos = Math.min(LASTING_NANOS, options.watch().toNanos() / 2);
  }

  @Override
  public void watch(Watcher who) {
    watcher = who;
    list("");
  }

  private Call call() {
    Call made = Call.root(context.timeline());
    call = made;
    return made;
  }

  /** Asks for a page of the list: the first, or the one that a token stands for. */
  private void list(String token) {
    if (token.isEmpty()) {
      slices.beginList();
    }
    Call current = call();
    server
        .list(token, current)
        .onComplete(
            (page, thrown) ->
                context
                    .timeline()
                    .execute(
                        () -> {
                          current.end();
                          listed(page, thrown);
                        }));
  }

  private void listed(@Nullable JsonObject page, @Nullable Throwable thrown) {
    Watcher who = watcher;
    if (who == null) {
      return;
    }
    if (thrown instanceof Gone) {
      again(pauseNanos()); // the token of a page has expired: a part of the protocol
      return;
    }
    String next;
    try {
      if (page == null) {
        throw new IllegalArgumentException(thrown == null ? "no answer" : thrown.getMessage());
      }
      next = slices.page(page);
      version = page.getJsonObject("metadata").getString("resourceVersion", "");
    } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
      watchFailed = false;
      failed(who, e);
      return;
    }
    if (!next.isEmpty()) {
      list(next);
      return;
    }
    slices.endList();
    if (!watchFailed || !slices.instances().equals(told)) {
      tell(who);
    }
    listen();
  }

  private void tell(Watcher who) {
    told = slices.instances();
    who.members(told);
  }

  /** A watch has told something, or lasted. */
  private void proved(Watcher who) {
    lasting.cancel();
    failures = 0;
    if (watchFailed) {
      watchFailed = false;
      tell(who);
    }
  }

  private void lasted(Call current) {
    Watcher who = watcher;
    if (who != null && !current.ended()) {
      proved(who);
    }
  }

  private void listen() {
    Call current = call();
    lasting = context.timeline().after(lastingNanos, () -> lasted(current));
    server
        .watch(version, current, event -> heard(current, event))
        .onComplete(
            (ended, thrown) ->
                context
                    .timeline()
                    .execute(
                        () -> {
                          boolean mine = !current.ended();
                          current.end();
                          if (mine) {
                            over(thrown);
                          }
                        }));
  }

  private void over(@Nullable Throwable thrown) {
    Watcher who = watcher;
    if (who == null) {
      return;
    }
    if (thrown instanceof Gone) {
      again(pauseNanos());
    } else if (thrown != null) {
      watchFailed = true;
      failed(who, thrown);
    } else {
      timer = context.timeline().after(pauseNanos(), this::listen);
    }
  }

  /** One event of a watch. On the timeline. */
  private void heard(Call current, JsonObject event) {
    Watcher who = watcher;
    if (who == null || current.ended()) {
      return;
    }
    try {
      JsonObject object = event.getJsonObject("object", new JsonObject());
      String type = event.getString("type", "");
      if (type.equals("ERROR")) {
        current.end();
        int code = object.getInteger("code", 0);
        if (code == 410) {
          again(pauseNanos());
        } else {
          watchFailed = true;
          failed(who, new IllegalArgumentException("the watch failed with code " + code));
        }
        return;
      }
      version = object.getJsonObject("metadata").getString("resourceVersion", version);
      if (type.equals("BOOKMARK")) {
        proved(who);
      } else {
        slices.change(type, object);
        watchFailed = false;
        proved(who);
        tell(who);
      }
    } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
      current.end();
      watchFailed = true;
      failed(who, e);
    }
  }

  private void failed(Watcher who, Throwable thrown) {
    lasting.cancel();
    failures = Math.max(1, failures); // the first pause of a failure is the longer one
    again(pauseNanos());
    boolean said = thrown.getMessage() != null && !(thrown instanceof NullPointerException);
    who.failed(
        "Kubernetes: " + (said ? thrown.getMessage() : "an answer that is no EndpointSlice"));
  }

  /** The pause before the next try, which counts as one that has come to nothing so far. */
  private long pauseNanos() {
    lasting.cancel();
    int before = failures;
    failures = Math.min(failures + 1, MOST_FAILURES);
    if (before == 0) {
      return LEAST_PAUSE_NANOS;
    }
    double bound = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS * Math.pow(2, before - 1.0));
    return (long) (bound * (0.5 + context.random().nextDouble() / 2));
  }

  private void again(long pauseNanos) {
    timer = context.timeline().after(pauseNanos, () -> list(""));
  }

  @Override
  public Future<Void> close() {
    watcher = null;
    timer.cancel();
    lasting.cancel();
    if (call != null) {
      call.end();
    }
    return server.close();
  }

  /** What is asked of Kubernetes: the list and the watch of one service's EndpointSlices. */
  interface Api {

    /**
     * A page of the list.
     *
     * @param token of the page; empty for the first
     */
    Future<JsonObject> list(String token, Call call);

    /**
     * Watches from a version on.
     *
     * @param event takes each, on the call's timeline
     * @return completes when the watch is over, also where it broke; fails where it did not come
     *     about
     */
    Future<Void> watch(String version, Call call, Consumer<JsonObject> event);

    /** Closes its connections. */
    Future<Void> close();
  }

  /** What was asked for is no longer known: the list is to be asked for anew. */
  static final class Gone extends RuntimeException {
    Gone() {
      super("status 410: the version is gone", null, false, false);
    }
  }
}
