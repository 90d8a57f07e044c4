package dev.forebay.edge.http;

import dev.forebay.spi.PrefixHashes;
import io.netty.buffer.ByteBufUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text of a prompt, read once for two figures.
 *
 * <p>Tokens are estimated at 4 bytes of text each, rounded up; prompts given as token numbers are
 * counted. The text is all that the upstream reads: beside the messages or the prompt the tools,
 * schemas and whatever is no known parameter. Blocks are {@value #BLOCK_BYTES} bytes, about 512
 * tokens, of the tools and the messages in order, each with its role in front; each hash covers all
 * blocks before it. Parts that are no text (images) are hashed, but not counted. The hash is the
 * inner loop of MurmurHash64A (A. Appleby, in the public domain) with a keyed start, finished by
 * the mixer of SplitMix64 (Steele, Lea, Flood): eight bytes a step, and good enough for a choice of
 * endpoint, which is all that it is for. What fills no block is collected, not hashed.
 */
final class PromptText {

  static final int BLOCK_BYTES = 2048;
  static final int MAX_BLOCKS = 256;
  static final int BYTES_PER_TOKEN = 4;

  private static final long[] NONE = new long[0];
  private static final long MULTIPLIER = 0xC6A4A7935BD1E995L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What chat templates put before the messages. */
  private static final List<String> IN_FRONT = List.of("system", "tools", "functions");

  private static final List<String> OF_A_MESSAGE =
      List.of(
          "name",
          "refusal",
          "reasoning_content",
          "reasoning",
          "tool_calls",
          "function_call",
          "tool_call_id");

  /** All that is left counts: a field that nobody here knows is more likely read than not. */
  private static final Set<String> COUNTED_OR_PARAMETERS =
      Set.of(
          "system",
          "tools",
          "functions",
          "messages",
          "prompt",
          "input",
          "prompt_embeds",
          "model",
          "user",
          "user_id",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention",
          "metadata",
          "stream_options",
          "logit_bias",
          "stop",
          "service_tier",
          "reasoning_effort",
          "reasoning",
          "thinking",
          "verbosity",
          "modalities",
          "audio",
          "encoding_format",
          "tool_choice",
          "function_call",
          "web_search_options");

  private long[] hashes = NONE;
  private long state;
  private int blocks;
  private final byte[] block;
  private int inBlock;
  private long textBytes;
  private long countedTokens;
  private boolean hashing = true;

  private PromptText(long seed, byte[] scratch) {
    state = seed;
    block = scratch;
  }

  /**
   * Reads a parsed body.
   *
   * @param scratch {@value #BLOCK_BYTES} bytes, used during the call only
   */
  static PromptText read(Map<String, Object> body, long seed, byte[] scratch) {
    PromptText text = new PromptText(seed, scratch);
    IN_FRONT.forEach(name -> text.counted(body.get(name)));
    text.messages(body.get("messages"));
    text.prompt(body.get("prompt"));
    text.prompt(body.get("input"));
    text.hashing = false;
    body.forEach(text::other);
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

  /** Fields that are no parameters are read by the upstream, and fill its context. */
  private void other(String name, Object value) {
    boolean scalar = value instanceof Number || value instanceof Boolean;
    if (!scalar && !Json.NULL.equals(value) && !COUNTED_OR_PARAMETERS.contains(name)) {
      counted(value);
    }
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
        OF_A_MESSAGE.forEach(name -> counted(message.get(name)));
      }
    }
  }

  private void content(@Nullable Object content) {
    if (!(content instanceof List<?> parts)) {
      counted(content);
      return;
    }
    for (Object each : parts) {
      part(each);
    }
  }

  private void part(Object each) {
    if (each instanceof String text) {
      counted(text);
    } else if (each instanceof Map<?, ?> part && part.get("text") instanceof String text) {
      counted(text);
    } else {
      hashed(each);
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
      if (hashes()) {
        hash(token.toString().getBytes(StandardCharsets.UTF_8));
      }
    } else if (prompt instanceof Map<?, ?> part) {
      part(part);
    } else {
      counted(prompt);
    }
  }

  /** Names of members count, too: upstreams write tools and schemas into the prompt as JSON. */
  private void counted(@Nullable Object value) {
    if (value instanceof String text) {
      text(text);
    } else if (value instanceof List<?> list) {
      list.forEach(this::counted);
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> member : map.entrySet()) {
        text(String.valueOf(member.getKey()));
        counted(member.getValue());
      }
    } else if (value instanceof Number || value instanceof Boolean) {
      text(value.toString());
    }
  }

  private void text(String text) {
    if (hashes()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      textBytes += bytes.length;
      hash(bytes);
    } else {
      textBytes += ByteBufUtil.utf8Bytes(text);
    }
  }

  private void hashed(@Nullable Object value) {
    if (hashes()) {
      long before = textBytes;
      counted(value);
      textBytes = before;
    }
  }

  private boolean hashes() {
    return hashing && blocks < MAX_BLOCKS;
  }

  private void hash(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && hashes()) {
      int count = Math.min(bytes.length - at, BLOCK_BYTES - inBlock);
      System.arraycopy(bytes, at, block, inBlock, count);
      at += count;
      inBlock += count;
      closeFullBlock();
    }
  }

  private void hash(byte octet) {
    if (hashes()) {
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
