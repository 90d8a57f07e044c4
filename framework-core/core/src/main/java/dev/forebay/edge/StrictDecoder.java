package dev.forebay.edge;

import dev.forebay.spi.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection into requests, one at a time, and takes none that could be read in two ways,
 * nor a head that never ends. {@link Framing} says what is taken; Netty's decoder then reads it.
 *
 * <p>While a request is open, what follows it waits unread: at most {@value #MAX_WAITING} bytes and
 * what came with them, then the connection is read no further. The time of a head runs only while
 * no request is open. After a request that is refused nothing is read.
 */
final class StrictDecoder extends VertxHttpRequestDecoder {

  /** What Vert.x calls the handler that cuts a connection into requests. */
  static final String NAME = "httpDecoder";

  /** Bytes after an open request that are read before the connection is left alone. */
  static final int MAX_WAITING = 4 << 10;

  private final Duration headTimeout;
  private final Framing framing;
  private final MemoryBudget.Lease memory;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable Consumer<String> onMalformedBody;
  private int ahead;
  private long headBytes;
  private boolean open;
  private boolean waits;
  private boolean stopped;
  private boolean refused;

  StrictDecoder(HttpServerOptions options, Duration headTimeout, MemoryBudget.Lease memory) {
    super(options);
    this.headTimeout = headTimeout;
    this.framing = new Framing(options.getMaxHeaderSize());
    this.memory = memory;
  }

  /** Puts one in the place of the decoder of a connection that has read nothing. */
  StrictDecoder on(ChannelHandlerContext connection) {
    connection.pipeline().replace(NAME, NAME, this);
    return this;
  }

  /**
   * Sets who is told, once, that the body of the connection's open request cannot be read on.
   * Without effect on connections that have another decoder.
   */
  static void onMalformedBody(HttpConnection connection, Consumer<String> action) {
    if (connection instanceof HttpServerConnection server
        && server.channelHandlerContext().pipeline().get(NAME) instanceof StrictDecoder strict) {
      strict.onMalformedBody = action;
    }
  }

  /** Says that the open request is answered to its end. On the event loop. */
  void requestOver() {
    ChannelHandlerContext on = context;
    if (open && on != null) {
      // Later: what told of it has still to end the request itself.
      on.executor().execute(() -> next(on));
    }
  }

  private void next(ChannelHandlerContext on) {
    open = false;
    onMalformedBody = null;
    if (stopped) {
      stopped = false;
      on.channel().config().setAutoRead(true);
    }
    if (waits && framing.offersUpgrade()) {
      on.close();
    } else if (waits && !on.isRemoved()) {
      waits = false;
      try {
        channelRead(on, Unpooled.EMPTY_BUFFER); // reads what was kept
        channelReadComplete(on);
      } catch (Exception e) {
        on.fireExceptionCaught(e);
      }
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    context = added;
    super.handlerAdded(added);
  }

  @Override
  protected void decode(ChannelHandlerContext on, ByteBuf in, List<Object> out) throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes()); // until the connection is closed: nobody knows what it is
      return;
    }
    if (open && ahead == 0 && framing.between()) {
      waitForEnd(on, in);
      return;
    }
    int begin = in.readerIndex();
    int end = in.writerIndex();
    int to = begin + ahead;
    if (ahead == 0 || !framing.between()) {
      boolean inHead = framing.inHead();
      to = framing.read(in, to, end);
      headBytes = framing.inHead() ? (inHead ? headBytes : 0) + to - begin - ahead : 0;
      if (framing.wrong() != null) {
        refuse(on, in, out);
        return;
      }
    }
    in.writerIndex(to);
    try {
      int before = out.size();
      super.decode(on, in, out);
      for (int i = before; i < out.size(); i++) {
        took(out.get(i));
      }
    } finally {
      in.writerIndex(end);
    }
    ahead = to - in.readerIndex();
  }

  @Override
  protected void decodeLast(ChannelHandlerContext on, ByteBuf in, List<Object> out)
      throws Exception {
    if (!refused) {
      super.decodeLast(on, in, out);
    }
  }

  private void took(Object part) {
    if (part instanceof HttpRequest request) {
      open = true;
      refused = request.decoderResult().isFailure(); // it is too long
      headBytes = 0;
      memory.cover(0);
      forgetTimer();
    }
  }

  private void waitForEnd(ChannelHandlerContext on, ByteBuf in) {
    waits = true;
    if (in.readableBytes() > MAX_WAITING) {
      stopped = true;
      on.channel().config().setAutoRead(false);
    }
  }

  private void refuse(ChannelHandlerContext on, ByteBuf in, List<Object> out) {
    String wrong = String.valueOf(framing.wrong());
    refused = true;
    memory.close();
    forgetTimer();
    in.skipBytes(in.readableBytes());
    if (framing.inHead() || framing.between()) {
      HttpMessage bad = createInvalidMessage();
      bad.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(wrong)));
      out.add(bad);
      return;
    }
    Consumer<String> told = onMalformedBody;
    onMalformedBody = null;
    if (told == null) {
      on.close();
    } else {
      told.accept(wrong);
    }
  }

  /** A head that came at once costs no timer, and no memory of all requests. */
  @Override
  public void channelReadComplete(ChannelHandlerContext on) throws Exception {
    if (headBytes > 0 && !refused) {
      if (!memory.coverUnfinished(headBytes)) {
        on.close();
      } else if (timer == null) {
        timer =
            on.executor().schedule(() -> on.close(), headTimeout.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
    if (waits) {
      on.fireChannelReadComplete(); // the decoder above would read on
    } else {
      super.channelReadComplete(on);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext on) throws Exception {
    forgetTimer();
    memory.close();
    super.channelInactive(on);
  }

  private void forgetTimer() {
    ScheduledFuture<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }
}
