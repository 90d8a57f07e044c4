package dev.forebay.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/** Keeps the flushes of a channel until the turn of its event loop ends. */
final class DeferredFlush extends ChannelOutboundHandlerAdapter {

  private @Nullable ChannelHandlerContext context;
  private boolean waiting;

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    flushNow();
    context = null;
  }

  @Override
  public void flush(ChannelHandlerContext asked) {
    if (!asked.channel().isWritable()) {
      waiting = false; // whoever writes has stopped until there is room: make it
      asked.flush();
    } else if (!waiting) {
      waiting = true;
      Turn.current().add(this, asked.executor());
    }
  }

  @Override
  public void disconnect(ChannelHandlerContext asked, ChannelPromise promise) {
    flushNow();
    asked.disconnect(promise);
  }

  @Override
  public void close(ChannelHandlerContext asked, ChannelPromise promise) {
    flushNow();
    asked.close(promise);
  }

  /** Flushes what waits. */
  void flushNow() {
    ChannelHandlerContext at = context;
    if (waiting && at != null) {
      waiting = false;
      at.flush();
    }
  }
}
