package dev.forebay.simulation;

import dev.forebay.spi.Usage;

/**
 * Who is told what happens to a request at a simulated server, on its timeline. Either it is
 * refused ({@link #ended} at once, inside {@link SimulatedServer#submit}), or {@link #accepted};
 * then come keep-alives while it waits, tokens, and the end, once. A cancelled request hears
 * nothing more.
 */
public interface Answer {

  /** The request was taken: the head of the answer, 200, can be sent. */
  void accepted();

  /** It still waits. */
  void waiting();

  /** Tokens of the answer were made, at least 1. */
  void tokens(int count);

  /** It is over; without {@link #accepted} before, it was refused. */
  void ended(Ending how, Usage usage);
}
