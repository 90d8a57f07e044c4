package dev.forebay.redis;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * An answer as the value of a key: what was put is found, or nothing is.
 *
 * <p>A value is {@code 'F' 'A'}, the version, flags, the CRC-32C (RFC 3720) of all that follows,
 * the key, the length of the content, and the content, deflated (RFC 1951) where a flag says so.
 * The key is scoped to a tenant and keyed with the gateways' secret, so a value that came back
 * under another key, for instance by a reply that was taken for another's, is not read. The
 * checksum finds accidents; it is no signature: whoever may write to the Redis may answer.
 */
final class AnswerFormat {

  /** The version, in keys and values: gateways of two versions share a Redis, but no answers. */
  static final int VERSION = 1;

  /** Bound on the content, in bytes. */
  static final int MOST_BYTES = 64 << 20;

  private static final int HEADER = 28;
  private static final int COVERED_FROM = 8;
  private static final byte DEFLATED = 1;

  private final long compressOver;

  /** A format that compresses contents over so many bytes. */
  AnswerFormat(long compressOver) {
    this.compressOver = compressOver;
  }

  /** The value of an answer. */
  Buffer encode(PromptKey key, CachedAnswer answer) {
    byte[] content = content(answer).getBytes();
    byte[] sent = content.length > compressOver ? deflate(content) : content;
    Buffer value =
        Buffer.buffer(HEADER + sent.length)
            .appendByte((byte) 'F')
            .appendByte((byte) 'A')
            .appendByte((byte) VERSION)
            .appendByte(sent == content ? 0 : DEFLATED)
            .appendInt(0)
            .appendLong(key.high())
            .appendLong(key.low())
            .appendInt(content.length)
            .appendBytes(sent);
    return value.setInt(4, checksum(value.getBytes()));
  }

  /** The answer of a value; null where it is not what was put under this key. */
  @Nullable CachedAnswer decode(PromptKey key, Buffer value) {
    byte[] bytes = value.getBytes();
    if (bytes.length < HEADER
        || bytes[0] != 'F'
        || bytes[1] != 'A'
        || bytes[2] != VERSION
        || value.getInt(4) != checksum(bytes)
        || value.getLong(8) != key.high()
        || value.getLong(16) != key.low()) {
      return null;
    }
    try {
      return read(bytes, (bytes[3] & DEFLATED) != 0, value.getInt(24));
    } catch (RuntimeException | DataFormatException e) {
      return null; // written by something else that knows the checksum
    }
  }

  private static CachedAnswer read(byte[] bytes, boolean deflated, int length)
      throws DataFormatException {
    if (length < 0 || length > MOST_BYTES || (!deflated && length != bytes.length - HEADER)) {
      throw new DataFormatException("length");
    }
    Fields fields = deflated ? inflate(bytes, length) : new Fields(bytes, HEADER);
    CachedAnswer answer = answer(fields);
    if (!fields.atEnd()) {
      throw new DataFormatException("more than an answer");
    }
    return answer;
  }

  /** Over the flags too: they stand before the checksum, with what never changes. */
  private static int checksum(byte[] value) {
    CRC32C sum = new CRC32C();
    sum.update(value, COVERED_FROM, value.length - COVERED_FROM);
    sum.update(value[3]);
    return (int) sum.getValue();
  }

  private static byte[] deflate(byte[] content) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(content);
      deflater.finish();
      byte[] smaller = new byte[content.length];
      int length = deflater.deflate(smaller);
      return deflater.finished() ? java.util.Arrays.copyOf(smaller, length) : content;
    } finally {
      deflater.end();
    }
  }

  private static Fields inflate(byte[] bytes, int length) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes, HEADER, bytes.length - HEADER);
      byte[] content = new byte[length];
      int read = inflater.inflate(content);
      if (read != length || (!inflater.finished() && inflater.inflate(new byte[1]) > 0)) {
        throw new DataFormatException("length");
      }
      return new Fields(content, 0);
    } finally {
      inflater.end();
    }
  }

  private static Buffer content(CachedAnswer answer) {
    Fields.Writer out = new Fields.Writer();
    out.text(answer.servedBy()).number(answer.status()).number(answer.storedAtMillis());
    Usage usage = answer.usage();
    out.number(usage.promptTokens())
        .number(usage.cachedTokens())
        .number(usage.completionTokens())
        .number(usage.reasoningTokens());
    out.number(answer.headers().entries().size());
    for (Map.Entry<String, String> header : answer.headers().entries()) {
      out.text(header.getKey()).text(header.getValue());
    }
    out.number(answer.chunks().size());
    for (Chunk chunk : answer.chunks()) {
      out.number(chunk.kind().ordinal()).number(chunk.tokens()).bytes(chunk.data().getBytes());
    }
    out.number(answer.times().size());
    for (int i = 0, before = 0; i < answer.times().size(); before = answer.times().millis(i++)) {
      out.number(answer.times().millis(i) - before);
    }
    return out.buffer();
  }

  private static CachedAnswer answer(Fields in) {
    String servedBy = in.text();
    int status = (int) in.number();
    long storedAtMillis = in.number();
    Usage usage =
        new Usage((int) in.number(), (int) in.number(), (int) in.number(), (int) in.number());
    Headers headers = Headers.EMPTY;
    for (long left = in.number(); left > 0; left--) {
      headers = headers.with(in.text(), in.text());
    }
    List<Chunk> chunks = new ArrayList<>();
    for (long left = in.number(); left > 0; left--) {
      Chunk.Kind kind = Chunk.Kind.values()[(int) in.number()];
      int tokens = (int) in.number();
      chunks.add(new Chunk(Buffer.buffer(in.bytes()), kind, tokens, left == 1));
    }
    return new CachedAnswer(
        servedBy, status, headers, chunks, usage, storedAtMillis, times(in, chunks.size()));
  }

  private static ChunkTimes times(Fields in, int chunks) {
    long known = in.number();
    if (known != 0 && known != chunks) {
      throw new IllegalArgumentException("times: " + known + " (expected: 0 or " + chunks + ")");
    }
    int[] millis = new int[(int) known];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = (i == 0 ? 0 : millis[i - 1]) + (int) in.number();
    }
    return ChunkTimes.of(millis);
  }
}
