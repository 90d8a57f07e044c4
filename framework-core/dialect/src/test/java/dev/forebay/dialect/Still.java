package dev.forebay.dialect;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads answers at a time that stands still. */
final class Still implements Timeline {

  Still() {}

  static StreamSource source() {
    return new StreamSource(Call.root(new Still()), 0, () -> {});
  }

  /** What a caller gets of the bytes of a response, in pieces of a length. */
  static Read read(Expected expected, Buffer bytes, int pieces) {
    StreamSource source = source();
    AnswerParser parser = new AnswerParser(source, expected, () -> {});
    try {
      for (int at = 0; at < bytes.length() && !parser.complete(); at += pieces) {
        parser.read(bytes.getBuffer(at, Math.min(bytes.length(), at + pieces)));
      }
      if (!parser.complete()) {
        parser.end();
      }
    } catch (Failure failure) {
      parser.fail(failure);
    }
    List<Chunk> chunks = new ArrayList<>();
    while (!source.over()) {
      Future<Chunk> next = source.next();
      if (next.succeeded()) {
        chunks.add(next.result());
      }
    }
    Outcome outcome = source.outcome().result();
    return new Read(chunks, outcome.failure(), outcome);
  }

  static Read whole(String bytes) {
    return read(
        new Expected(Operation.CHAT, false, () -> 1, false, false, 1 << 20),
        Buffer.buffer(bytes),
        1000);
  }

  static Read stream(String bytes) {
    return read(
        new Expected(Operation.CHAT, true, () -> 1, false, false, 1 << 20),
        Buffer.buffer(bytes),
        1000);
  }

  /** What was read: the chunks, and why it failed. */
  record Read(List<Chunk> chunks, @Nullable Failure failure, Outcome outcome) {

    String text() {
      StringBuilder text = new StringBuilder();
      chunks.forEach(chunk -> text.append(chunk.data()));
      return text.toString();
    }

    /** The row of the outcome table, what the caller gets, and the reason. */
    String ending() {
      return failure == null
          ? "OK"
          : failure.status() + " " + failure.httpStatus() + " " + failure.reason();
    }
  }

  @Override
  public long nanos() {
    return 0;
  }

  @Override
  public long epochMillis() {
    return 0;
  }

  @Override
  public Registration after(long delayNanos, Runnable action) {
    throw new UnsupportedOperationException("no time passes");
  }

  @Override
  public void execute(Runnable action) {
    action.run();
  }

  @Override
  public void check() {}
}
