package dev.forebay.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection into requests, and takes no head that could be understood in two ways, nor one
 * that never ends.
 *
 * <p>Netty refuses most of what request smuggling needs (a bare LF, spaces before a colon, two
 * lengths that differ), but where both {@code Content-Length} and {@code Transfer-Encoding} are
 * there it drops the former. A proxy in front may have believed it; so that is refused here, and so
 * are transfer encodings other than {@code chunked}, and more or fewer than one {@code Host} (RFC
 * 9112, sections 3.2 and 6.3). The connection is then closed.
 */
final class StrictDecoder extends VertxHttpRequestDecoder {

  private final Duration headTimeout;
  private boolean inRequest;
  private boolean headBegun;
  private boolean refused;
  private @Nullable ScheduledFuture<?> timer;

  StrictDecoder(HttpServerOptions options, Duration headTimeout) {
    super(options);
    this.headTimeout = headTimeout;
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes()); // until the connection is closed: nobody knows what it is
      return;
    }
    int before = out.size();
    headBegun |= !inRequest && in.isReadable();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object part = out.get(i);
      if (part instanceof HttpRequest request) {
        headEnded();
        check(request);
      }
      if (part instanceof LastHttpContent) {
        inRequest = false;
      }
    }
  }

  /** A head that came at once costs no timer. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    if (headBegun && timer == null) {
      timer =
          context
              .executor()
              .schedule(() -> context.close(), headTimeout.toNanos(), TimeUnit.NANOSECONDS);
    }
    super.channelReadComplete(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    forgetTimer();
    super.channelInactive(context);
  }

  private void headEnded() {
    inRequest = true;
    headBegun = false;
    forgetTimer();
  }

  private void forgetTimer() {
    ScheduledFuture<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  private void check(HttpRequest request) {
    if (request.decoderResult().isSuccess()) {
      String wrong = wrong(request.headers(), request.protocolVersion());
      if (wrong != null) {
        refused = true;
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(wrong)));
      }
    }
  }

  private static @Nullable String wrong(HttpHeaders headers, HttpVersion version) {
    boolean current = version.equals(HttpVersion.HTTP_1_1);
    String encoding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
    if (encoding != null) {
      boolean one = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() == 1;
      if (!current || !one || !encoding.equalsIgnoreCase("chunked")) {
        return "Transfer-Encoding other than chunked";
      }
    }
    int hosts = current ? headers.getAll(HttpHeaderNames.HOST).size() : 1;
    return hosts == 1 ? null : hosts + " Host headers";
  }
}
