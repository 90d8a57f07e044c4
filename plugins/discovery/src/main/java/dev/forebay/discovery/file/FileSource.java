package dev.forebay.discovery.file;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.FileError;
import dev.forebay.spi.policy.EndpointSource;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a file at intervals, and tells what it says when that is something else than before. */
final class FileSource implements EndpointSource {

  private static final long MAX_BYTES = 1 << 20;

  private final FileList options;
  private final Timeline timeline;
  private final FileSystem files;
  private Registration timer = Registration.NONE;
  private @Nullable Watcher watcher;
  private @Nullable Buffer told;

  FileSource(FileList options, Timeline timeline, FileSystem files) {
    this.options = options;
    this.timeline = timeline;
    this.files = files;
  }

  @Override
  public void watch(Watcher who) {
    watcher = who;
    look();
  }

  private void look() {
    files
        .props(options.path())
        .compose(
            properties ->
                properties.size() > MAX_BYTES
                    ? Future.failedFuture(new IllegalArgumentException("larger than 1 MiB"))
                    : files.readFile(options.path()))
        .onComplete((text, thrown) -> timeline.execute(() -> looked(text, thrown)));
  }

  private void looked(@Nullable Buffer text, @Nullable Throwable thrown) {
    Watcher who = watcher;
    if (who == null) {
      return;
    }
    timer = timeline.after(options.interval().toNanos(), this::look);
    if (text == null) {
      fail(who, thrown);
    } else if (!text.equals(told)) {
      try {
        InstanceList list = InstanceList.read(text);
        who.members(
            list.instances(),
            list.wrong().stream().map(wrong -> options.path() + ": " + wrong).toList());
        told = text;
      } catch (IllegalArgumentException e) {
        fail(who, e);
      }
    }
  }

  private void fail(Watcher who, @Nullable Throwable thrown) {
    told = null; // so that it is told again once it is well
    String why =
        thrown instanceof IllegalArgumentException wrong
            ? String.valueOf(wrong.getMessage())
            : "it cannot be read" + reason(thrown);
    who.failed(options.path() + ": " + why);
  }

  private static String reason(@Nullable Throwable thrown) {
    return thrown != null && thrown.getCause() instanceof IOException why
        ? ": " + FileError.words(why)
        : "";
  }

  @Override
  public Future<Void> close() {
    watcher = null;
    timer.cancel();
    return Future.succeededFuture();
  }
}
