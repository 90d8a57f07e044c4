package dev.forebay.queuing.letterring;

import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;

/** Letters by their ids, in the order in which they came. One larger than all may be is lost. */
final class Ring implements DeadLetterStore {

  private final LetterRing options;
  private final LinkedHashMap<String, DeadLetter> letters = new LinkedHashMap<>();
  private long bytes;

  Ring(LetterRing options) {
    this.options = options;
  }

  @Override
  public Future<Void> keep(DeadLetter letter) {
    if (letter.bytes() > options.maxBytes()) {
      return Future.failedFuture(
          "letter: "
              + letter.bytes()
              + " bytes (expected: at most max-bytes, "
              + options.maxBytes()
              + ")");
    }
    forget(letter.id());
    letters.put(letter.id(), letter);
    bytes += letter.bytes();
    while (letters.size() > options.capacity() || bytes > options.maxBytes()) {
      forget(letters.firstEntry().getKey());
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<List<DeadLetter>> newest(int most) {
    return Future.succeededFuture(
        List.copyOf(letters.values()).reversed().stream().limit(most).toList());
  }

  @Override
  public Future<Boolean> drop(String id) {
    return Future.succeededFuture(forget(id));
  }

  int size() {
    return letters.size();
  }

  private boolean forget(String id) {
    DeadLetter letter = letters.remove(id);
    bytes -= letter == null ? 0 : letter.bytes();
    return letter != null;
  }
}
