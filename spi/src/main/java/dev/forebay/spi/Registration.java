package dev.forebay.spi;

/** Something that was registered or scheduled and can be taken back. */
@FunctionalInterface
public interface Registration {

  /** Nothing to take back. */
  Registration NONE = () -> {};

  /** Takes it back: idempotent, and without effect if it has already run. */
  void cancel();
}
