package dev.forebay.edge;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * Collects a request's body, bounded in bytes and in time. What comes after a refusal is read and
 * thrown away, for as long as a body may take, so that the caller can read why.
 */
final class BodyReader {

  /** Nothing yet; never appended to. */
  private static final Buffer NOTHING = Buffer.buffer(0);

  private static final int MAX_RESERVED = 1 << 20;

  private final HttpServerRequest request;
  private final long maxBody;
  private final Promise<Buffer> promise = Promise.promise();
  private final Registration timer;
  private @Nullable Buffer collected = NOTHING;
  private boolean own;

  private BodyReader(HttpServerRequest request, EdgeOptions options, Timeline home) {
    this.request = request;
    this.maxBody = options.maxBody();
    this.timer = home.after(options.bodyTimeout().toNanos(), this::late);
  }

  /** The body; fails with a {@link BadRequest} where it is too large or too slow. */
  static Future<Buffer> read(Incoming incoming, EdgeOptions options, Timeline home) {
    HttpServerRequest request = incoming.request();
    if (request.isEnded()) {
      Buffer body = incoming.body();
      return checked(body == null ? Buffer.buffer() : body, options);
    }
    BodyReader reader = new BodyReader(request, options, home);
    reader.start();
    return reader.promise.future();
  }

  /** Throws the body of a refused request away, as long as it arrives in time. */
  static void discard(Incoming incoming, EdgeOptions options, Timeline home) {
    if (!incoming.request().isEnded()) {
      BodyReader reader = new BodyReader(incoming.request(), options, home);
      reader.collected = null;
      reader.listen();
    }
  }

  private static Future<Buffer> checked(Buffer body, EdgeOptions options) {
    return body.length() <= options.maxBody()
        ? Future.succeededFuture(body)
        : Future.failedFuture(tooLarge(options.maxBody()));
  }

  private void listen() {
    request.handler(this::take);
    request.endHandler(nothing -> end());
    request.exceptionHandler(gone -> timer.cancel());
  }

  private void start() {
    listen();
    if (announced() > maxBody) {
      refuse();
    } else if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.response().writeContinue();
    }
  }

  private void take(Buffer part) {
    Buffer sofar = collected;
    if (sofar == null) {
      return;
    }
    if (sofar.length() + (long) part.length() > maxBody) {
      refuse();
    } else if (sofar.length() == 0) {
      collected = part; // most bodies come in one piece, which is nobody else's
      own = false;
    } else if (own) {
      sofar.appendBuffer(part);
    } else {
      collected = reserved(sofar.length() + part.length()).appendBuffer(sofar).appendBuffer(part);
      own = true;
    }
  }

  private Buffer reserved(int atLeast) {
    long announced = Math.min(Math.min(announced(), maxBody), MAX_RESERVED);
    return Buffer.buffer((int) Math.max(announced, atLeast));
  }

  private void end() {
    timer.cancel();
    Buffer whole = collected;
    if (whole != null) {
      collected = null;
      promise.complete(whole);
    }
  }

  private void refuse() {
    collected = null;
    promise.fail(tooLarge(maxBody));
  }

  private void late() {
    if (collected == null) {
      request.connection().close();
    } else {
      collected = null;
      promise.fail(new BadRequest(408, "body_timeout", null, "the body did not arrive in time"));
      request.connection().close();
    }
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
