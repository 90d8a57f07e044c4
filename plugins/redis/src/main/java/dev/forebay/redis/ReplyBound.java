package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Closes a connection on which a server announces or sends more than any reply has: the parser of
 * Vert.x makes room for as many values as are announced, and keeps bytes until a reply is whole.
 *
 * <p>It reads what a server sends as that parser does, and is stricter: a line that it cannot read
 * closes the connection, too. So do the kinds of RESP3 that no command here is answered with and
 * that the parser reads wrongly or not at all: attributes, streamed values, errors with a length.
 * It stands below the parser and above TLS.
 */
final class ReplyBound extends ChannelInboundHandlerAdapter {

  /** Values of a reply, with those that are announced only. */
  static final int MOST_VALUES = 1 << 18;

  /** Lists within lists. */
  static final int MOST_DEPTH = 16;

  /** Bytes of a line: a number, a short text, an error. */
  static final int MOST_LINE = 64 << 10;

  /** Bytes of a reply, unless {@code max-value} asks for more. */
  static final long LEAST_BYTES = 64 << 20;

  private static final int MOST_DIGITS = 10;

  private final long mostBytes;
  private final int[] left = new int[MOST_DEPTH]; // values that each open list waits for
  private int depth;
  private long values;
  private long bytes;
  private int line; // bytes of the line that is being read
  private byte type;
  private byte last;
  private long number;
  private boolean negative;
  private long text; // bytes of a text that are still to come, with its line end
  private boolean refused;

  /**
   * A bound on the replies of one connection.
   *
   * @param mostBytes of a reply, with what is announced
   */
  ReplyBound(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Bytes of a reply: other gateways may have stored larger answers than this one does. */
  static long mostBytes(Redis options) {
    return Math.max(LEAST_BYTES, 2 * options.maxValue());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf in)) {
      context.fireChannelRead(message);
      return;
    }
    if (!refused) {
      try {
        read(in);
        context.fireChannelRead(in);
        return;
      } catch (RedisFailure broken) {
        refused = true;
        context.fireExceptionCaught(broken);
        context.close();
      }
    }
    in.release();
  }

  private void read(ByteBuf in) {
    int end = in.writerIndex();
    for (int at = in.readerIndex(); at < end; ) {
      if (text > 2) {
        int skipped = (int) Math.min(text - 2, end - at);
        text -= skipped;
        at += skipped;
      } else if (text > 0) {
        endOfText(in.getByte(at++));
      } else {
        ofLine(in.getByte(at++));
      }
    }
  }

  private void endOfText(byte next) {
    check(next == (text == 2 ? '\r' : '\n'), "a text that is longer than announced", "its length");
    if (--text == 0) {
      valueEnded();
    }
  }

  private void ofLine(byte next) {
    count(1);
    if (line == 0) {
      type = next;
      number = 0;
      negative = false;
    } else if (last == '\r' || next == '\n') {
      check(last == '\r' && next == '\n', "a broken line", "CR and LF at its end");
      lineEnded(line - 2);
      return;
    } else if (next != '\r' && hasLength()) {
      digit(next);
    }
    last = next;
    check(++line <= MOST_LINE, "a line of more than " + MOST_LINE + " bytes", "less");
  }

  private boolean hasLength() {
    return "$=*~%>".indexOf(type) >= 0;
  }

  private void digit(byte next) {
    if (next == '-' && line == 1) {
      negative = true;
      return;
    }
    check(
        next >= '0' && next <= '9' && line <= MOST_DIGITS,
        "a length that is no number, or too large",
        "at most " + MOST_DIGITS + " digits");
    number = 10 * number + (next - '0');
  }

  private void lineEnded(int length) {
    line = 0;
    last = 0;
    if (!hasLength()) {
      check("+-:,(_#".indexOf(type) >= 0, "a reply of an unknown kind", "RESP2 or RESP3");
      valueEnded();
    } else if (negative) {
      valueEnded(); // nothing
    } else {
      check(length > 0, "no length", "a number");
      announced();
    }
  }

  private void announced() {
    switch (type) {
      case '$', '=' -> {
        count(number);
        text = number + 2;
      }
      default -> {
        long more = type == '%' ? 2 * number : number;
        values += more;
        check(
            values <= MOST_VALUES,
            "the server announced a reply of " + values + " values",
            "at most " + MOST_VALUES);
        if (more == 0) {
          valueEnded();
          return;
        }
        check(depth < MOST_DEPTH, "lists in lists", "at most " + MOST_DEPTH + " deep");
        left[depth++] = (int) more;
      }
    }
  }

  private void count(long more) {
    bytes += more;
    check(
        bytes <= mostBytes,
        "the server announced a reply of " + bytes + " bytes",
        "at most " + mostBytes);
  }

  private void valueEnded() {
    while (depth > 0 && --left[depth - 1] == 0) {
      depth--;
    }
    if (depth == 0) {
      values = 0;
      bytes = 0;
    }
  }

  private static void check(boolean right, String what, String expected) {
    if (!right) {
      throw new RedisFailure(Reason.GONE, what + " (expected: " + expected + ")");
    }
  }
}
