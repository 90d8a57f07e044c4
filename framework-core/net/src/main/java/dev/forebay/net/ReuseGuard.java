package dev.forebay.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an HTTP/1.1 connection of a client may be used again.
 *
 * <p>It may, if each answer is provably over: a client takes the next bytes of a connection for the
 * answer to its next request. Two handlers stand around Netty's codec. The one below it finds the
 * end of each answer in the bytes, keeps interim answers from the codec, and keeps the last piece
 * back until all that has arrived is read; so it sees what follows the end. The one above it lets a
 * request pass only if the answer before is over, and has the connection closed after an answer
 * that is not provably the last that comes. Vert.x closes after an answer whose head says {@code
 * Connection: close}; so the guard writes that into the head.
 *
 * <p>What no client can see: bytes after an answer that arrive when the next request was sent.
 */
final class ReuseGuard {

  private final AnswerFraming framing;
  private final BooleanSupplier idle;
  private final ChannelInboundHandlerAdapter bytes = new Bytes();
  private final ChannelDuplexHandler messages = new Messages();
  private final ArrayDeque<ByteBuf> ready = new ArrayDeque<>(2);
  private @Nullable ByteBuf last;
  private @Nullable HttpResponse response;
  private boolean used;
  private boolean open; // a request without the end of its answer
  private boolean sent = true;
  private boolean spent; // no request more

  private ReuseGuard(int maxHead, BooleanSupplier idle) {
    this.framing = new AnswerFraming(maxHead);
    this.idle = idle;
  }

  /**
   * Guards a connection of HTTP/1.1 before its first request.
   *
   * @param codec the name of Netty's codec
   * @param maxHead bytes of the head of an answer
   * @param idle whether Vert.x has no request on the connection
   */
  static void on(ChannelPipeline pipeline, String codec, int maxHead, BooleanSupplier idle) {
    ReuseGuard guard = new ReuseGuard(maxHead, idle);
    pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    pipeline.addBefore(codec, "reuse-bytes", guard.bytes);
    pipeline.addAfter(codec, "reuse-messages", guard.messages);
    pipeline.addLast("reuse-closes", guard.new Closes());
  }

  /** Below the codec: what comes from the socket. */
  private final class Bytes extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof ByteBuf in) {
        try {
          read(context, in);
        } finally {
          in.release();
        }
      } else {
        context.fireChannelRead(message);
      }
    }

    private void read(ChannelHandlerContext context, ByteBuf in) {
      if (!open || last != null) {
        unexpected(context);
        return;
      }
      try {
        framing.read(in, sent, ready::add);
        checkEarly();
      } catch (RuntimeException invalid) {
        fail(context, invalid);
        return;
      }
      if (framing.over()) {
        spent |= in.isReadable();
        last = ready.pollLast();
      }
      for (ByteBuf piece = ready.poll(); piece != null; piece = ready.poll()) {
        context.fireChannelRead(piece);
      }
    }

    /** Bytes after an answer, or before the first request. */
    private void unexpected(ChannelHandlerContext context) {
      spent = true;
      if (open || !idle.getAsBoolean()) {
        closeAfterAnswer(); // which Vert.x has not taken yet
      } else {
        context.channel().close();
      }
    }

    /** Refuses an answer to another request, to none, or to a part of one. */
    private void checkEarly() {
      boolean whole = framing.over() && framing.good() && !sent;
      if (framing.early() && (used || whole)) {
        throw new InvalidAnswerException("an answer before the request was sent", used);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      passLast(context);
      context.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        ended(context);
      }
      context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      ended(context);
      context.fireChannelInactive();
    }

    private void ended(ChannelHandlerContext context) {
      spent = true;
      passLast(context);
      framing.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      drop();
    }

    private void passLast(ChannelHandlerContext context) {
      ByteBuf piece = last;
      last = null;
      if (piece != null) {
        context.fireChannelRead(piece);
        if (open && framing.over()) {
          fail(context, new InvalidAnswerException("an answer whose end is in two places"));
        }
      }
    }
  }

  /** Above the codec: requests on their way out, answers on their way in. */
  private final class Messages extends ChannelDuplexHandler {

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (message instanceof HttpRequest request) {
        if (open || spent) {
          refuse(context, request, promise);
          return;
        }
        begin(request);
      }
      if (message instanceof LastHttpContent) {
        context.write(message, whenSent(context.newPromise(), promise));
      } else {
        context.write(message, promise);
      }
    }

    /** A promise that is kept on the connection's event loop: that of Vert.x may not be. */
    private ChannelPromise whenSent(ChannelPromise own, ChannelPromise told) {
      return own.addListener(
          done -> {
            sent = true;
            if (done.isSuccess()) {
              told.trySuccess();
            } else {
              told.tryFailure(done.cause());
            }
          });
    }

    private void begin(HttpRequest request) {
      framing.expect(HttpMethod.HEAD.equals(request.method()));
      open = true;
      sent = false;
      response = null;
    }

    private void refuse(
        ChannelHandlerContext context, HttpRequest request, ChannelPromise promise) {
      ReferenceCountUtil.release(request);
      InvalidAnswerException why =
          new InvalidAnswerException("the connection may not be used again", true);
      promise.tryFailure(why);
      context.executor().execute(() -> fail(context, why));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpResponse head) {
        response = head;
      }
      if (message instanceof LastHttpContent end && end.decoderResult().isSuccess()) {
        ended(context, end);
      } else {
        context.fireChannelRead(message);
      }
    }

    private void ended(ChannelHandlerContext context, LastHttpContent end) {
      HttpResponse head = response;
      if (!open || head == null || !framing.over()) {
        end.release();
        fail(context, new InvalidAnswerException("an answer whose end is in two places"));
        return;
      }
      spent |= framing.early() || !sent || !framing.persistent();
      if (spent) {
        closeAfterAnswer();
      }
      open = false;
      used = true;
      context.fireChannelRead(end);
    }

    /** The other end sends no more. Vert.x would forget an end that waits for its reader. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (!(event instanceof ChannelInputShutdownEvent)) {
        context.fireUserEventTriggered(event);
      } else if (open || idle.getAsBoolean()) {
        context.channel().close();
      } else {
        closeAfterAnswer();
      }
    }
  }

  /**
   * Above Vert.x, which closes only after all of a request has been sent, however long that takes.
   */
  private final class Closes extends ChannelOutboundHandlerAdapter {

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
      if (!sent) {
        context.pipeline().context(messages).close(promise);
      } else {
        context.close(promise);
      }
    }
  }

  private void closeAfterAnswer() {
    HttpResponse head = response;
    if (head != null) {
      head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** Tells the request, upon which Vert.x closes the connection. */
  private void fail(ChannelHandlerContext context, RuntimeException why) {
    spent = true;
    open = false;
    drop();
    if (!context.isRemoved()) {
      context.fireExceptionCaught(why);
    }
  }

  private void drop() {
    framing.release();
    ByteBuf piece = last;
    last = null;
    if (piece != null) {
      piece.release();
    }
    ready.forEach(ByteBuf::release);
    ready.clear();
  }
}
