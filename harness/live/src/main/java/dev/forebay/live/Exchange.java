package dev.forebay.live;

import io.gatling.http.client.HttpListener;
import io.gatling.http.client.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** One try over HTTP, on the event loop of its caller: says once how it ended. */
final class Exchange implements HttpListener {

  private static final int OK = 200;

  private final Result result;
  private final Events events;
  private final Runnable over;
  private @Nullable Channel channel;
  private boolean ended;
  private long retryAfterNanos = -1;

  /**
   * A try.
   *
   * @param result is told what happens
   * @param over is run at the end; what it was stands in the result
   */
  Exchange(Result result, Runnable over) {
    this.result = result;
    this.over = over;
    this.events = new Events(result.turn.stream(), result.turn.expected());
  }

  /** The caller leaves: the connection is closed, or as soon as there is one. */
  void leave() {
    if (!ended) {
      ended = true;
      result.how = "left";
      if (channel != null) {
        channel.close();
      }
      tell();
    }
  }

  /** What a refusal said to wait, in nanoseconds; -1 if nothing. */
  long retryAfterNanos() {
    return retryAfterNanos;
  }

  @Override
  public void onWrite(Channel written) {
    channel = written;
    if (ended) {
      written.close();
      return;
    }
    result.written++;
    if (result.sent == Result.NEVER) {
      result.sent = System.nanoTime();
    }
  }

  @Override
  public void onHttpResponse(HttpResponseStatus status, HttpHeaders headers) {
    if (ended) {
      return;
    }
    result.status = status.code();
    result.head = System.nanoTime();
    result.backend = headers.get("x-forebay-backend");
    result.cache = headers.get("x-forebay-cache");
    String reason = headers.get("x-forebay-reason");
    result.reason = reason == null ? "" : reason;
    retryAfterNanos = retryAfter(headers);
  }

  private static long retryAfter(HttpHeaders headers) {
    String millis = headers.get("retry-after-ms");
    String seconds = headers.get("retry-after");
    try {
      return millis != null
          ? (long) (Double.parseDouble(millis) * 1e6)
          : seconds != null ? (long) (Double.parseDouble(seconds) * 1e9) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public void onHttpResponseBodyChunk(ByteBuf chunk, boolean last) {
    if (ended) {
      return;
    }
    long now = System.nanoTime();
    if (result.status == OK) {
      result.contents(events.read(chunk), now);
    }
    if (last) {
      ended = true;
      end(now);
    }
  }

  private void end(long now) {
    if (result.status != OK) {
      result.how = "refused";
    } else {
      int before = events.contents();
      events.end();
      result.contents(events.contents() - before, now);
      result.how =
          events.error() != null
              ? "broken"
              : !events.done() ? "cut" : events.foreign() ? "foreign" : "answered";
      result.reason = events.error() == null ? "" : events.error();
    }
    tell();
  }

  @Override
  public void onThrowable(Throwable thrown) {
    if (!ended) {
      ended = true;
      result.how = result.status == OK ? "cut" : "lost";
      result.reason = thrown.getClass().getSimpleName();
      tell();
    }
  }

  private void tell() {
    result.end = System.nanoTime();
    result.tokens = events.tokens();
    result.usage = events.fromUsage();
    result.contents = events.contents();
    over.run();
  }

  @Override
  public void onFinalClientRequest(Request request) {}
}
