package dev.forebay.openai;

import dev.forebay.dialect.Parser;
import dev.forebay.spi.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibDecoder;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A compressed answer, though none was asked for: it is decompressed in slices, and no further than
 * the reader has room. Deflate makes up to a thousand bytes of one; the reader's own bounds count
 * what comes out, and a slice can at most bring half a mebibyte more. After {@value #TURN} bytes it
 * lets other work of the event loop have a turn.
 */
final class Inflated implements Parser {

  /** Comes out of {@link #PROBE}, if that stands at the beginning of a member. */
  private static final byte[] MARK = "the end was seen".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] PROBE = gzip(MARK);
  private static final int SLICE = 512;
  private static final int MAX_OUTPUT = 1 << 20;

  /** Bytes that come out in one turn of an event loop, but for the last slice. */
  static final int TURN = 256 << 10;

  private final Parser parser;
  private final Runnable again;
  private final ZlibDecoder decoder;
  private final EmbeddedChannel channel;
  private Buffer pending = Buffer.buffer();
  private int at;
  private long out;
  private boolean closed;

  private Inflated(Parser parser, ZlibWrapper format, Runnable again) {
    this.parser = parser;
    this.again = again;
    this.decoder = ZlibCodecFactory.newZlibDecoder(format, MAX_OUTPUT);
    this.channel = new EmbeddedChannel(decoder);
  }

  /**
   * A parser for what has an encoding: the given one if it is not compressed.
   *
   * @param again asks for {@link #more()} in a later turn, after the parser said that there is no
   *     room
   * @throws Failure if the encoding is not known
   */
  static Parser around(Parser parser, @Nullable String encoding, Runnable again) {
    String name = encoding == null ? "" : encoding.trim().toLowerCase(Locale.ROOT);
    return switch (name) {
      case "", "identity" -> parser;
      case "gzip", "x-gzip" -> new Inflated(parser, ZlibWrapper.GZIP, again);
      case "deflate" -> new Inflated(parser, ZlibWrapper.ZLIB_OR_NONE, again);
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
    boolean room = parser.more();
    out = 0;
    while (room && at < pending.length() && !parser.complete()) {
      if (out >= TURN) {
        again.run();
        return false;
      }
      int to = Math.min(pending.length(), at + SLICE);
      byte[] slice = pending.getBytes(at, to);
      at = to;
      room = inflate(Unpooled.wrappedBuffer(slice));
    }
    return room;
  }

  private boolean inflate(ByteBuf slice) {
    try {
      channel.writeInbound(slice);
    } catch (RuntimeException e) { // Netty's, of several kinds
      throw broken();
    }
    Buffer inflated = inflated();
    out += inflated.length();
    return inflated.length() == 0 || parser.read(inflated);
  }

  /** In one piece: the reader does a turn's work for each piece that it is given. */
  private Buffer inflated() {
    Buffer inflated = Buffer.buffer();
    for (ByteBuf piece = channel.readInbound(); piece != null; piece = channel.readInbound()) {
      byte[] bytes = new byte[piece.readableBytes()];
      piece.readBytes(bytes);
      ReferenceCountUtil.release(piece);
      inflated.appendBytes(bytes);
    }
    return inflated;
  }

  @Override
  public void end() {
    boolean proven = ended();
    close();
    if (proven) {
      parser.end();
    } else if (parser.enough()) {
      parser.lost();
    } else {
      throw Failure.overloaded(502, "cut", "the upstream's compressed answer was cut");
    }
  }

  @Override
  public void lost() {
    close();
    parser.lost();
  }

  /**
   * Whether what was compressed is whole, with its checksum. Netty's decoder does not say whether a
   * member of gzip has ended, since another may follow; so one more is tried.
   */
  private boolean ended() {
    if (decoder.isClosed() || closed) {
      return true;
    }
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(PROBE));
      return inflated().equals(Buffer.buffer(MARK));
    } catch (RuntimeException e) {
      return false; // it took the probe for the rest of a member
    }
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return packed.toByteArray();
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
  public long held() {
    return pending.length() - at + parser.held();
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
