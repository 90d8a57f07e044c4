package dev.forebay.queuing.letterfile;

import dev.forebay.dialect.DeadLetterJson;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Letters in a file. One that is dropped stays in it, with a later line that says so. A line that
 * cannot be read, such as one that a crash cut off, is left out.
 */
final class FileStore implements DeadLetterStore {

  private static final String DROPPED = "dropped";

  private final RotatedFile file;
  private final Vertx vertx;
  private final Timeline timeline;

  FileStore(RotatedFile file, Vertx vertx, Timeline timeline) {
    this.file = file;
    this.vertx = vertx;
    this.timeline = timeline;
  }

  @Override
  public Future<Void> keep(DeadLetter letter) {
    return blocking(
            () -> {
              file.append(DeadLetterJson.of(letter).encode());
              return true;
            })
        .mapEmpty();
  }

  @Override
  public Future<List<DeadLetter>> newest(int most) {
    return blocking(() -> read(most));
  }

  @Override
  public Future<Boolean> drop(String id) {
    return blocking(
        () -> {
          boolean[] there = {false};
          forEachNewest(
              letter -> {
                there[0] = letter.id().equals(id);
                return !there[0];
              });
          if (there[0]) {
            file.append(new JsonObject().put(DROPPED, id).encode());
          }
          return there[0];
        });
  }

  private List<DeadLetter> read(int most) throws IOException {
    List<DeadLetter> letters = new ArrayList<>();
    forEachNewest(
        letter -> {
          letters.add(letter);
          return letters.size() < most;
        });
    return letters;
  }

  /** Letters that are not dropped, until one is enough. */
  private void forEachNewest(Predicate<DeadLetter> more) throws IOException {
    Set<String> dropped = new HashSet<>();
    file.newest(
        line -> {
          DeadLetter letter;
          try {
            JsonObject json = new JsonObject(line);
            String gone = json.getString(DROPPED);
            if (gone != null) {
              dropped.add(gone);
            }
            if (gone != null || dropped.contains(json.getString("id"))) {
              return true;
            }
            letter = DeadLetterJson.read(json);
          } catch (DecodeException | IllegalArgumentException | ClassCastException e) {
            return true; // no letter
          }
          return more.test(letter);
        });
  }

  /** On a worker, one after the other; completes on the gateway's timeline. */
  private <T> Future<T> blocking(Callable<T> work) {
    Callable<T> alone =
        () -> {
          synchronized (file) {
            return work.call();
          }
        };
    return timeline.bring(vertx.executeBlocking(alone));
  }
}
