package dev.forebay.kubernetes;

import dev.forebay.spi.Call;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lists, then watches from the version of the list, as Kubernetes asks its clients to ("Efficient
 * detection of changes"). A watch that ends, or breaks, is begun again from the last version that
 * an event or a bookmark gave; where that version is gone (410), and after each failure, the list
 * is asked for anew.
 */
final class KubernetesSource implements EndpointSource {

  private static final long LEAST_PAUSE_NANOS = Duration.ofMillis(200).toNanos();
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int MOST_FAILURES = 30;

  private final ApiServer server;
  private final PluginContext context;
  private final Slices slices;
  private Registration timer = Registration.NONE;
  private @Nullable Call call;
  private @Nullable Watcher watcher;
  private String version = "";
  private int failures;

  KubernetesSource(ApiServer server, Kubernetes.Options options, PluginContext context) {
    this.server = server;
    this.context = context;
    this.slices = new Slices(options.port());
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
    String next;
    try {
      if (page == null) {
        throw new IllegalArgumentException(thrown == null ? "no answer" : thrown.getMessage());
      }
      next = slices.page(page);
      version = page.getJsonObject("metadata").getString("resourceVersion", "");
    } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
      failed(who, e);
      return;
    }
    if (!next.isEmpty()) {
      list(next);
      return;
    }
    slices.endList();
    failures = 0;
    who.members(slices.instances());
    listen();
  }

  private void listen() {
    Call current = call();
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
    if (thrown instanceof ApiServer.Gone) {
      again(LEAST_PAUSE_NANOS);
    } else if (thrown != null) {
      failed(who, thrown);
    } else {
      timer = context.timeline().after(LEAST_PAUSE_NANOS, this::listen);
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
          again(LEAST_PAUSE_NANOS);
        } else {
          failed(who, new IllegalArgumentException("the watch failed with code " + code));
        }
        return;
      }
      version = object.getJsonObject("metadata").getString("resourceVersion", version);
      if (!type.equals("BOOKMARK")) {
        slices.change(type, object);
        who.members(slices.instances());
      }
    } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
      current.end();
      failed(who, e);
    }
  }

  private void failed(Watcher who, Throwable thrown) {
    failures = Math.min(failures + 1, MOST_FAILURES);
    double bound = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS * Math.pow(2, failures - 1.0));
    again((long) (bound * (0.5 + context.random().nextDouble() / 2)));
    boolean said = thrown.getMessage() != null && !(thrown instanceof NullPointerException);
    who.failed(
        "Kubernetes: " + (said ? thrown.getMessage() : "an answer that is no EndpointSlice"));
  }

  private void again(long pauseNanos) {
    timer = context.timeline().after(pauseNanos, () -> list(""));
  }

  @Override
  public Future<Void> close() {
    watcher = null;
    timer.cancel();
    if (call != null) {
      call.end();
    }
    return server.close();
  }
}
