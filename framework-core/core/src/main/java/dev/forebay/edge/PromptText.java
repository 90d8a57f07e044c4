package dev.forebay.edge;

import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text of a prompt, read once for two figures.
 *
 * <p>Tokens are estimated at 4 bytes of text each, rounded up; prompts given as token numbers are
 * counted. Blocks are {@value #BLOCK_BYTES} bytes, about 512 tokens, of the messages in order, each
 * with its role in front; each hash covers all blocks before it. Parts that are no text (images)
 * are hashed, but not counted. The hash is the inner loop of MurmurHash64A (A. Appleby, in the
 * public domain) with a keyed start, finished by the mixer of SplitMix64 (Steele, Lea, Flood):
 * eight bytes a step, and good enough for a choice of endpoint, which is all that it is for. What
 * fills no block is collected, not hashed.
 */
final class PromptText {

  static final int BLOCK_BYTES = 2048;
  static final int MAX_BLOCKS = 256;
  static final int BYTES_PER_TOKEN = 4;

  private static final long[] NONE = new long[0];
  private static final long MULTIPLIER = 0xC6A4A7935BD1E995L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long[] hashes = NONE;
  private long state;
  private int blocks;
  private final byte[] block;
  private int inBlock;
  private long textBytes;
  private long countedTokens;

  private PromptText(long seed, byte[] scratch) {
    state = seed;
    block = scratch;
  }

  /**
   * Reads a parsed body.
   *
   * @param scratch {@value #BLOCK_BYTES} bytes, used during the call only
   */
  static PromptText read(Operation operation, Map<String, Object> body, long seed, byte[] scratch) {
    PromptText text = new PromptText(seed, scratch);
    switch (operation) {
      case CHAT -> text.messages(body.get("messages"));
      case COMPLETION -> text.prompt(body.get("prompt"));
      case EMBEDDING -> text.prompt(body.get("input"));
    }
    return text;
  }

  /** The estimated length, in tokens. */
  int tokens() {
    long estimate = countedTokens + (textBytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    return (int) Math.min(Integer.MAX_VALUE, estimate);
  }

  /** The hashes of all full blocks, {@value #MAX_BLOCKS} at most. */
  PrefixHashes prefix() {
    return blocks == 0 ? PrefixHashes.NONE : PrefixHashes.of(Arrays.copyOf(hashes, blocks));
  }

  private void messages(@Nullable Object messages) {
    if (!(messages instanceof List<?> list)) {
      return;
    }
    for (Object each : list) {
      if (each instanceof Map<?, ?> message) {
        hash((byte) 0x1E);
        hashed(message.get("role"));
        hash((byte) 0x1F);
        content(message.get("content"));
        counted(message.get("reasoning_content"));
        counted(message.get("tool_calls"));
      }
    }
  }

  private void content(@Nullable Object content) {
    if (!(content instanceof List<?> parts)) {
      counted(content);
      return;
    }
    for (Object each : parts) {
      if (each instanceof Map<?, ?> part && part.get("text") instanceof String text) {
        counted(text);
      } else {
        hashed(each);
      }
    }
  }

  private void prompt(@Nullable Object prompt) {
    if (prompt instanceof List<?> list) {
      for (Object each : list) {
        hash((byte) 0x1E);
        prompt(each);
      }
    } else if (prompt instanceof Long token) {
      countedTokens++;
      hashed(token.toString());
    } else {
      counted(prompt);
    }
  }

  private void counted(@Nullable Object value) {
    if (value instanceof String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      textBytes += bytes.length;
      hash(bytes);
    } else if (value instanceof List<?> list) {
      list.forEach(this::counted);
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(this::counted);
    }
  }

  private void hashed(@Nullable Object value) {
    long before = textBytes;
    counted(value);
    textBytes = before;
  }

  private void hash(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && blocks < MAX_BLOCKS) {
      int count = Math.min(bytes.length - at, BLOCK_BYTES - inBlock);
      System.arraycopy(bytes, at, block, inBlock, count);
      at += count;
      inBlock += count;
      closeFullBlock();
    }
  }

  private void hash(byte octet) {
    if (blocks < MAX_BLOCKS) {
      block[inBlock++] = octet;
      closeFullBlock();
    }
  }

  private void closeFullBlock() {
    if (inBlock == BLOCK_BYTES) {
      long hash = state;
      for (int at = 0; at < BLOCK_BYTES; at += Long.BYTES) {
        long word = (long) WORDS.get(block, at) * MULTIPLIER;
        hash = (hash ^ ((word ^ (word >>> 47)) * MULTIPLIER)) * MULTIPLIER;
      }
      state = hash;
      if (blocks == hashes.length) {
        hashes = Arrays.copyOf(hashes, Math.min(MAX_BLOCKS, Math.max(4, 2 * blocks)));
      }
      hashes[blocks++] = mix(hash);
      inBlock = 0;
    }
  }

  private static long mix(long hash) {
    long z = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
