package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Collects a request's body, bounded in bytes, in time, and by the memory that all requests share.
 * It takes memory for bytes that have come, never for those that are announced: a slow caller holds
 * what it sent. What comes after a refusal is read and dropped, for as long as a body may take, so
 * that the caller can read why.
 */
final class BodyReader {

  /** How long a small body may come after its head if there is no memory for what is unfinished. */
  private static final long PATIENCE_NANOS = 100_000_000;

  /** Bytes of a head that is kept in any case; 20,000 of them are 40 MB. */
  private static final int SMALL_HEAD = 2 << 10;

  /** Nothing yet; never appended to. */
  private static final Buffer NOTHING = Buffer.buffer(0);

  private static final int MAX_RESERVED = 1 << 20;

  /** Bytes of a body that may wait for its end, for one turn, if there is no memory. */
  private static final int SMALL = 16 << 10;

  private final HttpServerRequest request;
  private final long maxBody;
  private final long headBytes;
  private final MemoryBudget.@Nullable Lease memory;
  private final Promise<Buffer> promise = Promise.promise();
  private final Timeline timeline;
  private final Registration timer;
  private @Nullable Buffer collected = NOTHING;
  private boolean own;
  private boolean judging;

  private BodyReader(
      Incoming incoming,
      EdgeOptions options,
      Timeline timeline,
      MemoryBudget.@Nullable Lease memory) {
    this.request = incoming.request();
    this.maxBody = options.maxBody();
    this.headBytes = RequestHead.bytes(request);
    this.memory = memory;
    this.timeline = timeline;
    this.timer = timeline.after(options.bodyTimeout().toNanos(), this::late);
  }

  /**
   * The body.
   *
   * @param memory covers the head and the body when it succeeds; nothing when it fails
   * @return fails with a {@link BadRequest} if it is malformed, too large or too slow, and with a
   *     {@link dev.forebay.spi.Failure} if there is no memory
   */
  static Future<Buffer> read(
      Incoming incoming, EdgeOptions options, Timeline timeline, MemoryBudget.Lease memory) {
    HttpServerRequest request = incoming.request();
    if (request.isEnded()) {
      Buffer body = incoming.body() == null ? Buffer.buffer() : incoming.body();
      if (body.length() > options.maxBody()) {
        return Future.failedFuture(tooLarge(options.maxBody()));
      }
      return memory.cover(RequestHead.bytes(request) + body.length())
          ? Future.succeededFuture(body)
          : Future.failedFuture(MemoryFull.failure());
    }
    BodyReader reader = new BodyReader(incoming, options, timeline, memory);
    reader.start();
    return reader.promise.future();
  }

  /** Drops the body of a refused request, as long as it arrives in time. */
  static void discard(Incoming incoming, EdgeOptions options, Timeline timeline) {
    if (!incoming.request().isEnded()) {
      BodyReader reader = new BodyReader(incoming, options, timeline, null);
      reader.listen();
      reader.drop();
    }
  }

  private void listen() {
    request.handler(this::take);
    request.endHandler(nothing -> end());
    request.exceptionHandler(gone -> timer.cancel());
    StrictDecoder.onMalformedBody(request.connection(), this::malformed);
  }

  private void start() {
    listen();
    if (announced() > maxBody) {
      refuse(tooLarge(maxBody));
      return;
    }
    if (!coverUnfinished(0)) {
      // All of it may come with the head, or, if it is small, right after it.
      boolean small = headBytes <= SMALL_HEAD && announced() <= SMALL;
      judge(small ? PATIENCE_NANOS : 0);
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      StrictDecoder.bodyAwaited(request.connection());
      request.response().writeContinue();
    }
  }

  private void take(Buffer part) {
    Buffer sofar = collected;
    if (sofar == null) {
      return;
    }
    long length = sofar.length() + (long) part.length();
    if (length > maxBody) {
      refuse(tooLarge(maxBody));
      return;
    }
    boolean room = length == announced() ? cover(length) : coverUnfinished(length);
    if (!room && length > SMALL) {
      refuse(MemoryFull.failure());
      return;
    }
    if (!room) {
      judge(0); // its end may have come with it
    }
    if (sofar.length() == 0) {
      collected = part; // most bodies come in one piece, which is nobody else's
      own = false;
    } else if (own) {
      sofar.appendBuffer(part);
    } else {
      collected = reserved(sofar.length() + part.length()).appendBuffer(sofar).appendBuffer(part);
      own = true;
    }
  }

  private void judge(long delayNanos) {
    if (!judging) {
      judging = true;
      timeline.after(
          delayNanos,
          () -> {
            judging = false;
            Buffer sofar = collected;
            if (sofar != null && !coverUnfinished(sofar.length())) {
              refuse(MemoryFull.failure());
            }
          });
    }
  }

  private boolean cover(long length) {
    return memory == null || memory.cover(headBytes + length);
  }

  private boolean coverUnfinished(long length) {
    return memory == null || memory.coverUnfinished(headBytes + length);
  }

  /** No more than a piece ahead of what has come: what is announced may never come. */
  private Buffer reserved(int atLeast) {
    long announced = Math.min(Math.min(announced(), maxBody), MAX_RESERVED);
    return Buffer.buffer((int) Math.max(Math.min(announced, 2L * atLeast), atLeast));
  }

  private void end() {
    timer.cancel();
    Buffer whole = collected;
    if (whole == null) {
      return;
    }
    if (cover(whole.length())) {
      collected = null;
      promise.complete(whole);
    } else {
      refuse(MemoryFull.failure());
    }
  }

  private void refuse(RuntimeException why) {
    drop();
    if (memory != null) {
      memory.cover(0);
    }
    promise.fail(why);
  }

  /**
   * What is left of the body is read and dropped, if there is memory for the head meanwhile. A
   * caller with a small head is let finish in any case: a connection that is closed while its
   * caller sends is reset, and the answer may be lost.
   */
  private void drop() {
    collected = null;
    if (!request.isEnded()
        && headBytes > SMALL_HEAD
        && !StrictDecoder.keepHead(request.connection(), headBytes)) {
      request.response().putHeader("connection", "close");
    }
  }

  private void late() {
    if (collected != null) {
      refuse(new BadRequest(408, "body_timeout", null, "the body did not arrive in time"));
    }
    request.connection().close();
  }

  /** Nobody knows where this body ends. */
  private void malformed(String wrong) {
    timer.cancel();
    if (collected != null) {
      refuse(new BadRequest(400, "bad_http", null, "bad HTTP request: " + wrong));
    }
    request.connection().close();
  }

  private long announced() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static BadRequest tooLarge(long maxBody) {
    return new BadRequest(
        413, "body_too_large", null, "the body is larger than " + maxBody + " bytes");
  }
}
