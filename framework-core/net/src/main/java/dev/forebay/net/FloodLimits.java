package dev.forebay.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2LifecycleManager;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Takes from a client's HTTP/2 connection the limits that protect a server from its callers.
 *
 * <p>Vert.x 5.0.7 makes the codec of a client as if it were a server's. So Netty closes the
 * connection, with all its streams, after 200 RST_STREAM frames in 30 seconds in either direction,
 * or after three empty DATA frames in a row. A gateway whose callers leave reaches that at once:
 * Netty answers each DATA frame that was on its way to a stream when it was reset. Those answers
 * are left out here, too, since RFC 9113, section 5.1, has such frames ignored.
 *
 * <p>Netty has no switch for it after the codec is made. Its frame listener counts from 0 whenever
 * it is set; so it is set again after each frame that it counts. Its encoder tells the life cycle
 * manager that the limit was reached, and then closes the channel; so the manager is replaced by
 * one that does not pass this on, and the one close that follows is not done. What remains: at most
 * 10,000 control frames wait to be written.
 */
final class FloodLimits extends ChannelOutboundHandlerAdapter implements Http2LifecycleManager {

  private final Http2ConnectionHandler codec;
  private long grants;
  private boolean spare;

  private FloodLimits(Http2ConnectionHandler codec) {
    this.codec = codec;
  }

  /** Lifts the limits of a connection. Runs on its event loop. */
  static FloodLimits lift(ChannelPipeline pipeline, Http2ConnectionHandler codec) {
    FloodLimits limits = new FloodLimits(codec);
    pipeline.addBefore(pipeline.context(codec).name(), null, limits);
    codec.encoder().lifecycleManager(limits);
    codec.decoder().frameListener(limits.new Frames(codec.decoder().frameListener()));
    return limits;
  }

  /** WINDOW_UPDATE frames that came. */
  long grants() {
    return grants;
  }

  @Override
  public void onError(ChannelHandlerContext context, boolean outbound, Throwable cause) {
    if (cause instanceof Http2Exception limit
        && limit.error() == Http2Error.ENHANCE_YOUR_CALM
        && String.valueOf(limit.getMessage()).contains("RST frames")) {
      spare = true;
    } else {
      codec.onError(context, outbound, cause);
    }
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (spare) {
      spare = false;
      promise.trySuccess();
    } else {
      context.close(promise);
    }
  }

  @Override
  public ChannelFuture resetStream(
      ChannelHandlerContext context, int id, long error, ChannelPromise promise) {
    boolean late =
        error == Http2Error.STREAM_CLOSED.code() && codec.connection().stream(id) == null;
    return late ? promise.unvoid().setSuccess() : codec.resetStream(context, id, error, promise);
  }

  @Override
  public void closeStreamLocal(Http2Stream stream, ChannelFuture future) {
    codec.closeStreamLocal(stream, future);
  }

  @Override
  public void closeStreamRemote(Http2Stream stream, ChannelFuture future) {
    codec.closeStreamRemote(stream, future);
  }

  @Override
  public void closeStream(Http2Stream stream, ChannelFuture future) {
    codec.closeStream(stream, future);
  }

  @Override
  public ChannelFuture goAway(
      ChannelHandlerContext context, int last, long error, ByteBuf debug, ChannelPromise promise) {
    return codec.goAway(context, last, error, debug, promise);
  }

  /** Frames that come in. */
  private final class Frames extends Http2FrameListenerDecorator {

    Frames(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long error)
        throws Http2Exception {
      countAgain();
      super.onRstStreamRead(context, stream, error);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      if (!data.isReadable() && !end) {
        countAgain();
      }
      return super.onDataRead(context, stream, data, padding, end);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext context, int stream, int bytes)
        throws Http2Exception {
      grants++;
      super.onWindowUpdateRead(context, stream, bytes);
    }

    private void countAgain() {
      codec.decoder().frameListener(this);
    }
  }
}
