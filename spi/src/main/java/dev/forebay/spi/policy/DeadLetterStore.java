package dev.forebay.spi.policy;

import dev.forebay.spi.Named;
import io.vertx.core.Future;
import java.util.List;

/**
 * Where letters are kept: memory, a file, a topic. It has a bound; the oldest letters go first.
 * Asked on the gateway's timeline; its futures complete there. No request waits for it.
 */
@Named("dead letter store")
public interface DeadLetterStore {

  /** Keeps a letter. If the future fails, it is lost, which the mechanism counts. */
  Future<Void> keep(DeadLetter letter);

  /**
   * The newest letters, the newest first.
   *
   * @param most at most so many, at least 1
   */
  Future<List<DeadLetter>> newest(int most);

  /** Forgets a letter; false if it is not there. */
  Future<Boolean> drop(String id);
}
