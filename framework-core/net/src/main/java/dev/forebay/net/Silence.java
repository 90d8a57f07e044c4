package dev.forebay.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notices that an HTTP/2 connection with open streams says nothing, or takes nothing.
 *
 * <p>It looks eight times within the silence that is allowed. After the first look at which nothing
 * was heard it sends a PING, which every peer answers at once (RFC 9113, section 6.7). Nothing at
 * the second look: the connection gets no new requests. Nothing at the eighth: it closes. It gets
 * no new requests either if bytes of requests wait over two looks for a window that is not granted;
 * that alone closes nothing, since other streams may only wait for their answers.
 */
final class Silence implements Runnable {

  private static final int LOOKS = 8;
  private static final int SUSPECT = 2;

  private final Channel channel;
  private final Http2ConnectionHandler codec;
  private final LongSupplier reads;
  private final LongSupplier grants;
  private final Runnable retire;
  private final Runnable close;
  private long heard;
  private long granted;
  private int quiet;
  private int stalled;

  private Silence(
      Channel channel,
      Http2ConnectionHandler codec,
      LongSupplier reads,
      LongSupplier grants,
      Runnable retire,
      Runnable close) {
    this.channel = channel;
    this.codec = codec;
    this.reads = reads;
    this.grants = grants;
    this.retire = retire;
    this.close = close;
  }

  /**
   * Watches a connection until it closes.
   *
   * @param reads how often something was heard
   * @param grants how often a window was granted
   * @param retire gives the connection no new requests
   * @param close ends the connection and its streams
   */
  static void watch(
      Channel channel,
      Http2ConnectionHandler codec,
      Duration allowed,
      LongSupplier reads,
      LongSupplier grants,
      Runnable retire,
      Runnable close) {
    long nanos = allowed.dividedBy(LOOKS).toNanos();
    Future<?> looks =
        channel
            .eventLoop()
            .scheduleWithFixedDelay(
                new Silence(channel, codec, reads, grants, retire, close),
                nanos,
                nanos,
                TimeUnit.NANOSECONDS);
    channel.closeFuture().addListener(closed -> looks.cancel(false));
  }

  @Override
  public void run() {
    boolean busy = codec.connection().numActiveStreams() > 0;
    long nowHeard = reads.getAsLong();
    long nowGranted = grants.getAsLong();
    quiet = busy && nowHeard == heard ? quiet + 1 : 0;
    stalled = busy && nowGranted == granted && waiting() ? stalled + 1 : 0;
    heard = nowHeard;
    granted = nowGranted;
    if (quiet == 1) {
      ping();
    }
    if (quiet == SUSPECT || stalled == SUSPECT) {
      retire.run();
    }
    if (quiet >= LOOKS) {
      close.run();
    }
  }

  private void ping() {
    ChannelHandlerContext context = channel.pipeline().context(codec);
    codec.encoder().writePing(context, false, heard, context.newPromise());
    context.flush();
  }

  /** Whether bytes of a request wait for a window. */
  private boolean waiting() {
    Http2RemoteFlowController flow = codec.encoder().flowController();
    try {
      return codec.connection().forEachActiveStream(stream -> !flow.hasFlowControlled(stream))
          != null;
    } catch (Http2Exception e) {
      return false;
    }
  }
}
