package dev.forebay.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the heads of answers over HTTP/2 by the rules of HTTP/1.1 ({@link AnswerHead}), and drops
 * interim answers (1xx).
 *
 * <p>An answer that breaks them fails by itself: its stream is reset, and the others of the
 * connection go on. Vert.x takes an interim answer other than 100 and 103 for the answer, and a
 * status that it cannot read for a failure of its own.
 */
final class StreamHeads extends Http2FrameListenerDecorator {

  /**
   * Bytes of a head that Netty reads. A longer one closes the connection, since what it would have
   * changed in the table of header fields is lost.
   */
  static final int MAX_READ = 256 << 10;

  /** What HTTP/2 counts for a field beside its name and its value (RFC 9113, section 6.5.2). */
  private static final int FIELD = 32;

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey interims;
  private final int maxHead;

  private StreamHeads(Http2ConnectionHandler codec, int maxHead) {
    super(codec.decoder().frameListener());
    this.connection = codec.connection();
    this.interims = connection.newKey();
    this.maxHead = maxHead;
  }

  /**
   * Checks the heads of a connection. Runs on its event loop, before its first request.
   *
   * @param maxHead bytes of a head, and of a trailer section
   */
  static void check(Http2ConnectionHandler codec, int maxHead) {
    codec.decoder().frameListener(new StreamHeads(codec, maxHead));
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    if (isFinal(stream, headers, end)) {
      super.onHeadersRead(context, stream, headers, padding, end);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int stream,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    if (isFinal(stream, headers, end)) {
      super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    Http2Stream open = connection.stream(stream);
    if (open != null && !open.isHeadersReceived()) {
      throw broken(stream, new InvalidAnswerException("a body before its head"));
    }
    return super.onDataRead(context, stream, data, padding, end);
  }

  /** Whether fields are those of a final answer, or of its trailer section. */
  private boolean isFinal(int id, Http2Headers headers, boolean end) throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    try {
      checkSize(headers);
      if (stream == null || stream.isTrailersReceived()) {
        return true;
      }
      int status = status(headers.status());
      if (status >= 200) {
        return true;
      }
      if (status == 101 || end) {
        throw new InvalidAnswerException("an interim answer that cannot be one");
      }
      Integer before = stream.getProperty(interims);
      int count = before == null ? 1 : before + 1;
      stream.setProperty(interims, count);
      if (count > AnswerFraming.MAX_INTERIM) {
        throw new InvalidAnswerException(
            "more than " + AnswerFraming.MAX_INTERIM + " interim answers");
      }
      return false;
    } catch (InvalidAnswerException | TooLongHttpHeaderException invalid) {
      throw broken(id, invalid);
    }
  }

  private void checkSize(Http2Headers headers) {
    long bytes = 0;
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      bytes += field.getKey().length() + field.getValue().length() + FIELD;
    }
    if (bytes > maxHead) {
      throw new TooLongHttpHeaderException("more than " + maxHead + " bytes");
    }
  }

  /** A status from 100 to 599. */
  private static int status(@Nullable CharSequence text) {
    int status = 0;
    for (int i = 0; text != null && text.length() == 3 && i < 3; i++) {
      int digit = text.charAt(i) - '0';
      status = digit < 0 || digit > 9 ? Integer.MIN_VALUE / 100 : status * 10 + digit;
    }
    if (status < 100 || status > 599) {
      throw new InvalidAnswerException("a status that is not from 100 to 599");
    }
    return status;
  }

  private static Http2Exception broken(int stream, RuntimeException why) {
    return Http2Exception.streamError(
        stream, Http2Error.PROTOCOL_ERROR, why, "%s", String.valueOf(why.getMessage()));
  }
}
