package dev.forebay.edge.http;

import dev.forebay.spi.host.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
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

  /**
   * How long a connection stays open after its last answer, so that the caller reads that first: a
   * close with bytes of the caller's unread would reset the connection.
   */
  private static final Duration LINGER = Duration.ofMillis(500);

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
  private boolean expected;
  private boolean last;
  private boolean hurried;

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
    StrictDecoder strict = of(connection);
    if (strict != null) {
      strict.onMalformedBody = action;
    }
  }

  /** Says that the body is wanted for which the caller of the open request waits to be asked. */
  static void bodyAwaited(HttpConnection connection) {
    StrictDecoder strict = of(connection);
    if (strict != null) {
      strict.expected = false;
    }
  }

  /**
   * Covers the head of the open request, which is refused, for as long as its body may come.
   *
   * @param bytes of the head
   * @return false if there is no memory for it: then the connection is closed after the answer
   */
  static boolean keepHead(HttpConnection connection, long bytes) {
    StrictDecoder strict = of(connection);
    if (strict == null || strict.memory.coverUnfinished(bytes)) {
      return true;
    }
    strict.hurried = true;
    return false;
  }

  /**
   * Whether the open request is the last one, as its answer has to say. It is, too, if its caller
   * waits to be asked for a body (RFC 9110, section 10.1.1) and gets a final answer instead: then
   * what comes next may be the body or another request.
   */
  static boolean closesAfterAnswer(HttpConnection connection) {
    StrictDecoder strict = of(connection);
    if (strict == null) {
      return false;
    }
    strict.last |= strict.expected && !strict.framing.between();
    return strict.last;
  }

  private static @Nullable StrictDecoder of(HttpConnection connection) {
    return connection instanceof HttpServerConnection server
            && server.channelHandlerContext().pipeline().get(NAME) instanceof StrictDecoder strict
        ? strict
        : null;
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
    if (hurried) {
      on.close();
    } else if (last) {
      refused = true;
      memory.close();
      on.executor().schedule(() -> on.close(), LINGER.toNanos(), TimeUnit.NANOSECONDS);
    } else if (waits && framing.offersUpgrade()) {
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
    if (ahead == 0 && framing.inChunks()) {
      decodeChunks(on, in, out);
      return;
    }
    int begin = in.readerIndex();
    int end = in.writerIndex();
    int to = begin + ahead;
    if (ahead == 0 || !framing.between()) {
      boolean inFields = inFields();
      to = framing.read(in, to, end);
      headBytes = inFields() ? (inFields ? headBytes : 0) + to - begin - ahead : 0;
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

  /**
   * Reads the chunks that are there into one piece. Chunks of one byte would otherwise cost as much
   * each as a large one: an object for every handler on the way.
   */
  private void decodeChunks(ChannelHandlerContext on, ByteBuf in, List<Object> out)
      throws Exception {
    ByteBuf data = null;
    boolean own = false;
    while (in.isReadable() && framing.wrong() == null && framing.inChunks()) {
      boolean inChunk = framing.inChunk();
      int from = in.readerIndex();
      int to = framing.read(in, from, in.writerIndex());
      in.readerIndex(to);
      if (!inChunk || to == from) {
        continue;
      }
      if (data == null) {
        data = in.retainedSlice(from, to - from);
      } else {
        if (!own) {
          own = true;
          ByteBuf first = data;
          data = on.alloc().buffer(first.readableBytes() + in.writerIndex() - from);
          data.writeBytes(first);
          first.release();
        }
        data.writeBytes(in, from, to - from);
      }
    }
    if (data != null) {
      out.add(new DefaultHttpContent(data));
    }
    if (framing.wrong() != null) {
      refuse(on, in, out);
    } else if (!framing.inChunks()) {
      super.decode(on, Unpooled.copiedBuffer("0\r\n", StandardCharsets.US_ASCII), out);
    }
  }

  private boolean inFields() {
    return framing.inHead() || framing.inTrailer();
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
      expected = HttpUtil.is100ContinueExpected(request);
      refused = request.decoderResult().isFailure(); // it is too long
      headBytes = 0;
      memory.cover(0);
      forgetTimer();
    } else if (part instanceof LastHttpContent) {
      memory.cover(0);
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
      bad.setDecoderResult(
          DecoderResult.failure(
              framing.tooLong()
                  ? new TooLongHttpHeaderException(wrong)
                  : new IllegalArgumentException(wrong)));
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

  /** Fields that came at once cost no timer, and no memory of all requests. */
  @Override
  public void channelReadComplete(ChannelHandlerContext on) throws Exception {
    if (headBytes > 0 && !refused) {
      long bytes = RequestHead.bytes(headBytes, framing.fields());
      if (!memory.coverUnfinished(Math.max(bytes, framing.inTrailer() ? memory.held() : 0))) {
        on.close();
      } else if (timer == null && framing.inHead()) {
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
