package dev.forebay.core.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StreamsTest {

  private static final MemoryBudget NO_BOUND = new MemoryBudget(Long.MAX_VALUE);
  private static final int MILLION = 1_000_000;

  /** Everything at once, at time 0. */
  private static final Timeline NOW = clock(new long[1]);

  private final Call call = Call.root(NOW);
  private boolean stopped;

  /** A timeline without events, whose time a test sets. */
  private static Timeline clock(long[] now) {
    return new Timeline() {
      @Override
      public long nanos() {
        return now[0];
      }

      @Override
      public long epochMillis() {
        return 0;
      }

      @Override
      public Registration after(long delayNanos, Runnable action) {
        throw new UnsupportedOperationException("no events here");
      }

      @Override
      public void execute(Runnable action) {
        action.run();
      }

      @Override
      public void check() {}
    };
  }

  /** A producer that is always ready: a chunk is written when it is asked for. */
  private TokenStream ready(int chunks) {
    StreamSource source = new StreamSource(call, 0, () -> stopped = true);
    Chunk chunk = Chunk.content(Buffer.buffer("x"), 1);
    Chunk last = Chunk.whole(Buffer.buffer("x"), 1);
    return new TokenStream() {
      private int number;

      @Override
      public Future<Chunk> next() {
        source.write(++number == chunks ? last : chunk);
        return source.next();
      }

      @Override
      public void cancel() {
        source.cancel();
      }

      @Override
      public Future<Outcome> outcome() {
        return source.outcome();
      }
    };
  }

  @Test
  void aMillionReadyChunksDoNotGrowTheStack() {
    int[] count = {0};
    assertTrue(Streams.forEach(ready(MILLION), chunk -> count[0]++).succeeded());
    assertEquals(MILLION, count[0]);
  }

  /** Many small chunks, or few large ones: one always passes. */
  @Test
  void aSourceIsFullByChunksAndByBytes() {
    StreamSource source = new StreamSource(call, 0, () -> {});
    int[] drained = {0};
    source.onDrain(() -> drained[0]++);
    Chunk third = chunk(StreamSource.HIGH_WATER_BYTES / 3 + 1);
    assertTrue(source.write(third));
    assertTrue(source.write(third));
    assertFalse(source.write(third));
    for (int i = 0; i < 3; i++) {
      assertEquals(0, drained[0]);
      source.next();
    }
    assertEquals(1, drained[0]);
    assertFalse(source.write(chunk(StreamSource.HIGH_WATER_BYTES)), "taken, and then no more");
    source.next();
    for (int i = 1; i < StreamSource.HIGH_WATER; i++) {
      assertTrue(source.write(chunk(1)));
    }
    assertFalse(source.write(chunk(1)));
    assertEquals(2, drained[0]);
  }

  private static Chunk chunk(int bytes) {
    return new Chunk(Buffer.buffer(new byte[bytes]), Chunk.Kind.CONTENT, 1, false);
  }

  @Test
  void aMillionKeepAlivesBeforeTheContentDoNotEither() {
    StreamSource source = new StreamSource(call, 0, () -> {});
    Chunk waiting = new Chunk(Buffer.buffer(":"), Chunk.Kind.WAITING, 0, false);
    int[] number = {0};
    TokenStream stream =
        new TokenStream() {
          @Override
          public Future<Chunk> next() {
            source.write(++number[0] == MILLION ? Chunk.whole(Buffer.buffer("x"), 1) : waiting);
            return source.next();
          }

          @Override
          public void cancel() {
            source.cancel();
          }

          @Override
          public Future<Outcome> outcome() {
            return source.outcome();
          }
        };
    Future<InferenceResponse> first =
        FirstContent.await(new InferenceResponse("a", 200, Headers.EMPTY, stream));
    assertTrue(first.succeeded());
    List<Chunk> read = new ArrayList<>();
    Streams.forEach(first.result().tokens(), read::add);
    assertEquals(1, read.size());
  }

  @Test
  void aMillionRecordedChunksDoNotEitherForOneReaderOrForMany() {
    for (int readers : List.of(1, 2, 2000)) {
      int chunks = readers == 2000 ? 1000 : MILLION;
      Recording recording = new Recording(NOW, ready(chunks), Long.MAX_VALUE, NO_BOUND);
      int[] count = {0};
      List<TokenStream> all = new ArrayList<>();
      for (int i = 0; i < readers; i++) {
        all.add(recording.join(call, true));
      }
      recording.aboard();
      all.forEach(reader -> assertTrue(Streams.forEach(reader, chunk -> count[0]++).succeeded()));
      assertEquals((long) readers * chunks, count[0]);
      assertNotNull(recording.complete());
      assertTrue(recording.over().succeeded());
    }
  }

  @Test
  void manyReadersThatWaitAreServedWithoutGrowingTheStack() {
    StreamSource source = new StreamSource(call, 0, () -> {});
    Recording recording = new Recording(NOW, source, Long.MAX_VALUE, NO_BOUND);
    int[] count = {0};
    for (int i = 0; i < 5000; i++) {
      Streams.forEach(recording.join(call, true), chunk -> count[0]++);
    }
    recording.aboard();
    for (int i = 0; i < 100; i++) {
      source.write(Chunk.content(Buffer.buffer("x"), 1));
    }
    source.write(Chunk.whole(Buffer.buffer("x"), 1));
    assertEquals(5000 * 101, count[0]);
  }

  @Test
  void pastItsBoundARecordKeepsAWindowOnly() {
    Recording recording = new Recording(NOW, ready(100_000), 10_000, NO_BOUND);
    TokenStream quick = recording.join(call, true);
    TokenStream slow = recording.join(call, true);
    recording.aboard();
    int[] count = {0};
    Future<Void> done = Streams.forEach(quick, chunk -> count[0]++);
    assertFalse(done.isComplete());
    assertTrue(count[0] <= 10_000 / 101 + 1 + Recording.WINDOW, () -> "read " + count[0]);
    assertFalse(recording.joinable());
    slow.cancel();
    assertTrue(done.succeeded(), "the slow one has left");
    assertEquals(100_000, count[0]);
    assertNull(recording.complete());
  }

  @Test
  void whatIsReadSlowlyIsPassedOnAndNotKept() {
    long[] now = {0};
    Timeline clock = clock(now);
    MemoryBudget room = new MemoryBudget(1 << 20);
    Recording recording = new Recording(clock, ready(100), Long.MAX_VALUE, room);
    TokenStream reader = recording.join(Call.root(clock), true);
    recording.aboard();
    for (int i = 0; i < 100; i++) {
      assertTrue(reader.next().succeeded());
      assertEquals(i <= 10, recording.joinable(), i + " s");
      now[0] += 1_000_000_000L;
    }
    assertEquals(Status.OK, reader.outcome().result().status());
    assertNull(recording.complete());
    assertEquals(0, room.taken());
  }

  @Test
  void recordsThatShareRoomTakeNoMoreAndGiveItBack() {
    MemoryBudget room = new MemoryBudget(1 << 20);
    StreamSource held = new StreamSource(call, 0, () -> {});
    Recording first = new Recording(NOW, held, Long.MAX_VALUE, room);
    TokenStream reader = first.join(call, true);
    first.aboard();
    held.write(Chunk.content(Buffer.buffer(new byte[700_000]), 1));
    assertTrue(reader.next().succeeded());
    assertTrue(room.taken() >= 700_000 && room.taken() <= 1 << 20, () -> "taken " + room.taken());
    Recording second = new Recording(NOW, ready(10_000), Long.MAX_VALUE, room);
    TokenStream other = second.join(call, true);
    second.aboard();
    assertTrue(Streams.forEach(other, chunk -> {}).succeeded(), "it is passed on");
    assertNull(second.complete(), "but not kept");
    reader.cancel();
    assertEquals(0, room.taken());
    Recording third = new Recording(NOW, ready(1000), Long.MAX_VALUE, room);
    TokenStream last = third.join(call, true);
    third.aboard();
    assertTrue(Streams.forEach(last, chunk -> {}).succeeded());
    assertNotNull(third.complete());
    assertEquals(0, room.taken());
  }

  @Test
  void aRecordThatBreaksOffGivesItsRoomBackHoweverItIsRead() {
    MemoryBudget room = new MemoryBudget(1 << 20);
    for (boolean waits : new boolean[] {true, false}) {
      for (int readers = 1; readers <= 3; readers++) {
        StreamSource source = new StreamSource(call, 0, () -> {});
        Recording recording = new Recording(NOW, source, Long.MAX_VALUE, room);
        List<TokenStream> all = new ArrayList<>();
        for (int i = 0; i < readers; i++) {
          all.add(recording.join(call, true));
        }
        recording.aboard();
        source.write(Chunk.content(Buffer.buffer(new byte[50_000]), 1));
        all.forEach(reader -> assertTrue(reader.next().succeeded()));
        assertTrue(room.taken() >= 50_000, () -> "taken " + room.taken());
        if (!waits) {
          source.fail(Failure.overloaded(502, "cut", "broken off"));
        }
        List<Future<Chunk>> next = all.stream().map(TokenStream::next).toList();
        if (waits) {
          source.fail(Failure.overloaded(502, "cut", "broken off"));
        }
        next.forEach(chunk -> assertTrue(chunk.failed()));
        all.forEach(reader -> assertTrue(reader.outcome().isComplete()));
        assertEquals(0, room.taken(), readers + " readers, waits: " + waits);
      }
    }
  }

  @Test
  void aRecordStopsItsSourceWithTheLastReaderAndIsNotJoinedAgain() {
    Recording recording = new Recording(NOW, ready(10), Long.MAX_VALUE, NO_BOUND);
    TokenStream one = recording.join(call, true);
    one.cancel();
    assertFalse(stopped, "others are still boarding");
    TokenStream two = recording.join(call, true);
    recording.aboard();
    assertTrue(two.next().succeeded());
    two.cancel();
    assertTrue(stopped);
    assertFalse(recording.joinable());
    assertTrue(recording.over().isComplete());
    assertTrue(two.next().failed());
    assertEquals(Status.CANCELLED, two.outcome().result().status());
  }

  @Test
  void aConsumerThatThrowsCancels() {
    Future<Void> done =
        Streams.forEach(
            ready(10),
            chunk -> {
              throw new IllegalStateException("consumer");
            });
    assertTrue(done.failed());
    assertTrue(stopped);
  }

  @Test
  void aStreamThatThrowsFailsTheLoopAndNotTheCaller() {
    TokenStream throwing =
        new TokenStream() {
          @Override
          public Future<Chunk> next() {
            throw new IllegalStateException("next");
          }

          @Override
          public void cancel() {}

          @Override
          public Future<Outcome> outcome() {
            return Future.failedFuture("none");
          }
        };
    Future<Void> done = Streams.forEach(throwing, chunk -> {});
    Throwable cause = done.cause();
    assertEquals(Status.INTERNAL, statusOf(cause));
  }

  private static @Nullable Status statusOf(@Nullable Throwable cause) {
    return cause instanceof Failure failure ? failure.status() : null;
  }
}
