package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A fingerprint of a run, or of the traffic that is offered to it. That of a run covers every event
 * in order, so that two runs with one fingerprint are the same run. 64 bits, mixed as in
 * MurmurHash3's finaliser; not cryptographic.
 */
public final class Digest {

  private long hash = 0x9e3779b97f4a7c15L;

  Digest() {}

  /**
   * The fingerprint of what a trace offers: all that it says of each request. Where it was read,
   * and what it notes, makes no difference.
   */
  public static String of(Trace trace) {
    Digest digest = new Digest();
    digest.add(trace.blockTokens());
    trace.requests().forEach(digest::add);
    return digest.text();
  }

  private void add(TraceRequest request) {
    add(request.arrivalNanos());
    add(request.promptTokens());
    add(request.outputTokens());
    addKnown(request.tenant());
    addKnown(request.user());
    addKnown(request.session());
    add(request.turn());
    add(request.thinkNanos());
    addKnown(request.model());
    add(request.prefix().size());
    for (int i = 0; i < request.prefix().size(); i++) {
      add(request.prefix().get(i));
    }
    add(request.promptId());
    add(request.priority());
    add(request.stream() ? 1 : 0);
    add(request.patienceNanos());
  }

  private void addKnown(@Nullable String text) {
    if (text == null) {
      add(-2);
    } else {
      add(text);
    }
  }

  void add(long value) {
    long mixed = (hash ^ value) * 0xff51afd7ed558ccdL;
    hash = Long.rotateLeft(mixed, 31) * 0xc4ceb9fe1a85ec53L;
  }

  void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      add(text.charAt(i));
    }
    add(-1);
  }

  /** 16 hexadecimal digits. */
  String text() {
    long last = hash ^ (hash >>> 33);
    return HexFormat.of().toHexDigits(last);
  }
}
