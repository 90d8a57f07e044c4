package dev.forebay.simulation;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Usage;
import org.jspecify.annotations.Nullable;

/** A request at a simulated server. All of it is the server's business. */
final class Work implements Registration {

  /** Where it is. */
  enum State {
    WAITING,
    /** Hit by {@link Fault.Kind#SILENT}: in line for ever. */
    PARKED,
    RUNNING,
    OVER
  }

  private final SimulatedServer server;
  final Answer answer;
  final String model;
  final PrefixHashes prefix;
  final int promptTokens;

  /** Tokens after which the answer is complete; 0 for an embedding, or if the caller has all. */
  final int target;

  /** Whether {@link #target} is the caller's bound, and not the answer's own end. */
  final boolean bounded;

  /** How it ends before its time; null where it does not. */
  final @Nullable Ending early;

  /** Tokens after which it does. */
  final int earlyAt;

  final long expiresNanos;

  State state = State.WAITING;
  Registration timer = Registration.NONE;
  boolean begun;
  int generated;
  int cached;

  /** Answer tokens that were made and not handed on, for chunks of several. */
  int held;

  /** Tokens of its context that are to be computed before the next token. */
  int prefillLeft;

  /** The part of {@link #prefillLeft} that the step under way computes. */
  int prefillNow;

  /** Memory that it holds, in tokens. */
  int kv;

  Work(
      SimulatedServer server,
      InferenceRequest request,
      Answer answer,
      int natural,
      FaultPlan.@Nullable Fate fate,
      long expiresNanos) {
    this.server = server;
    this.answer = answer;
    this.model = request.info().model();
    this.prefix = request.info().prefix();
    this.promptTokens = Math.max(1, request.info().promptTokens());
    int bound = request.info().maxOutputTokens();
    this.bounded = bound > 0 && bound < natural;
    boolean embedding = request.info().operation() == Operation.EMBEDDING;
    boolean empty = embedding || (natural < 1 && request.attempt().given() > 0);
    this.target = empty ? 0 : bounded ? bound : Math.max(1, natural);
    this.early = fate == null ? null : ending(fate.kind());
    this.earlyAt = fate == null ? 0 : position(fate);
    this.expiresNanos = expiresNanos;
  }

  /** Prompt and answer so far, in tokens. */
  int context() {
    return promptTokens + generated;
  }

  Usage usage() {
    return new Usage(promptTokens, cached, generated, 0);
  }

  /** Gives the request up: at once free of its slot and memory. */
  @Override
  public void cancel() {
    server.cancel(this);
  }

  private int position(FaultPlan.Fate fate) {
    return switch (fate.kind()) {
      case CUT -> 1 + (int) (fate.position() * Math.max(0, target - 1));
      case OUT_OF_RESOURCES -> (int) (fate.position() * target);
      default -> 0;
    };
  }

  private static @Nullable Ending ending(Fault.Kind kind) {
    return switch (kind) {
      case CUT -> Ending.CUT;
      case OUT_OF_RESOURCES -> Ending.OUT_OF_RESOURCES;
      case ERROR_EVENT -> Ending.ERROR_EVENT;
      case CRASH, SLOW, FAIL, THROTTLE, SILENT -> null;
    };
  }
}
