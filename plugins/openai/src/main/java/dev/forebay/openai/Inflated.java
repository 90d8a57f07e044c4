package dev.forebay.openai;

import dev.forebay.spi.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A compressed answer, though none was asked for: it is decompressed in slices, and no further than
 * the reader has room. Deflate makes up to a thousand bytes of one; the reader's own bounds count
 * what comes out, and a slice can at most bring half a mebibyte more.
 */
final class Inflated implements Parser {

  private static final int SLICE = 512;
  private static final int MAX_OUTPUT = 1 << 20;

  private final Parser parser;
  private final EmbeddedChannel channel;
  private Buffer pending = Buffer.buffer();
  private int at;
  private boolean closed;

  private Inflated(Parser parser, ZlibWrapper format) {
    this.parser = parser;
    this.channel = new EmbeddedChannel(ZlibCodecFactory.newZlibDecoder(format, MAX_OUTPUT));
  }

  /**
   * A parser for what has an encoding: the given one where it is not compressed.
   *
   * @throws Failure where the encoding is not known
   */
  static Parser around(Parser parser, @Nullable String encoding) {
    String name = encoding == null ? "" : encoding.trim().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "", "identity" -> parser;
      case "gzip", "x-gzip" -> new Inflated(parser, ZlibWrapper.GZIP);
      case "deflate" -> new Inflated(parser, ZlibWrapper.ZLIB_OR_NONE);
      default ->
          throw Failure.overloaded(
              502,
              "unknown_encoding",
              "the upstream's answer has an encoding that it was not asked for");
    };
  }

  @Override
  public boolean read(Buffer piece) {
    pending =
        at == pending.length()
            ? piece
            : pending.getBuffer(at, pending.length()).appendBuffer(piece);
    at = 0;
    return more();
  }

  @Override
  public boolean more() {
    boolean room = true;
    while (room && at < pending.length() && !parser.complete()) {
      int to = Math.min(pending.length(), at + SLICE);
      byte[] slice = pending.getBytes(at, to);
      at = to;
      room = inflate(Unpooled.wrappedBuffer(slice));
    }
    return room;
  }

  private boolean inflate(ByteBuf slice) {
    boolean room = true;
    try {
      channel.writeInbound(slice);
    } catch (RuntimeException e) { // Netty's, of several kinds
      throw broken();
    }
    for (ByteBuf out = channel.readInbound(); out != null; out = channel.readInbound()) {
      byte[] bytes = new byte[out.readableBytes()];
      out.readBytes(bytes);
      ReferenceCountUtil.release(out);
      room = parser.read(Buffer.buffer(bytes));
    }
    return room;
  }

  @Override
  public void end() {
    close();
    parser.end();
  }

  @Override
  public boolean complete() {
    return parser.complete();
  }

  @Override
  public boolean enough() {
    return parser.enough();
  }

  @Override
  public void fail(Failure why) {
    close();
    parser.fail(why);
  }

  /** Gives the decoder's memory back. */
  private void close() {
    if (!closed) {
      closed = true;
      try {
        channel.finishAndReleaseAll();
      } catch (RuntimeException e) {
        // what was cut is reported by the parser, which misses its end
      }
    }
  }

  private static Failure broken() {
    return Failure.overloaded(
        502, "bad_encoding", "the upstream's answer cannot be decompressed within its bounds");
  }
}
