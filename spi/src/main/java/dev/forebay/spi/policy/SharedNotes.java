package dev.forebay.spi.policy;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * What a {@link ResponseCache} may be, too: a place for small notes that belong together, shared by
 * gateways. A cache that compares more than keys keeps there what it compares by.
 *
 * <p>Notes are a help, not a record: they may be lost, and outlive the answers that they are about.
 */
public interface SharedNotes {

  /**
   * Adds a note to those of a scope. It is kept as long as an answer is, at least.
   *
   * @param scope what belongs together, such as a digest; it holds nothing secret
   * @param most how many notes of the scope are kept, at least 1: the newest
   */
  Future<Void> note(String scope, Buffer note, int most);

  /** The notes of a scope, the newest first; none where there are none. */
  Future<List<Buffer>> notes(String scope);
}
