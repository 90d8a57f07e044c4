package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import io.vertx.core.buffer.Buffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Identities of prompts: keyed by a secret, so that they tell nothing about the prompt, and scoped
 * to a tenant, so that no tenant is answered from another's cache.
 *
 * <p>The key is an HMAC-SHA256, cut to 128 bits, over operation, tenant and the canonical form of
 * the parsed body: members of objects sorted by name, numbers by value (1, 1.0 and 1e0 are one),
 * strings by their characters however they were escaped. Which fields of the body count, {@link
 * CacheKeyFields} says: all but few. DeepSeek's {@code user_id} does count: it asks to be kept
 * apart. Gateways that share a cache need the same secret.
 */
public final class PromptKeys {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_SECRET_BYTES = 16;
  private static final VarHandle LENGTHS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final String[] NO_NAMES = new String[0];

  private final Mac prototype;
  private final ThreadLocal<Sink> sinks = ThreadLocal.withInitial(() -> new Sink(mac()));
  private final long prefixSeed;

  private PromptKeys(byte[] secret) {
    if (secret.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "secret: " + secret.length + " bytes (expected: at least " + MIN_SECRET_BYTES + ")");
    }
    try {
      prototype = Mac.getInstance(ALGORITHM);
      prototype.init(new SecretKeySpec(secret, ALGORITHM));
      prefixSeed = ByteBuffer.wrap(mac().doFinal(new byte[] {'p'})).getLong();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /** Keys by a secret that this process makes up: they change with every start. */
  public static PromptKeys random() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return new PromptKeys(secret);
  }

  /**
   * Keys by a secret.
   *
   * @param secret at least 16 bytes
   */
  public static PromptKeys of(String secret) {
    return new PromptKeys(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** The identity of a parsed body. */
  PromptKey key(
      Operation operation, Caller caller, Map<String, Object> body, CacheKeyOptions options) {
    Sink sink = sinks.get();
    sink.begin();
    sink.string(operation.name());
    sink.string(options.scope() == CacheKeyOptions.Scope.EVERYBODY ? "" : caller.tenant());
    sink.string(options.scope().name());
    if (options.scope() == CacheKeyOptions.Scope.USER) {
      sink.string(named(body.get("user")));
      sink.string(named(body.get("safety_identifier")));
    }
    sink.members(CacheKeyFields.of(operation, body, options), body);
    ByteBuffer hash = ByteBuffer.wrap(sink.done());
    return new PromptKey(hash.getLong(), hash.getLong());
  }

  private static String named(@Nullable Object user) {
    return user instanceof String name ? "'" + name : "";
  }

  /**
   * The identity of a request that is known by its body, for those who run the gateway.
   *
   * @param operation such as {@code chat}
   * @throws IllegalArgumentException where there is no such operation, the body is malformed, or it
   *     has no identity; the message says which
   */
  public PromptKey key(String operation, String tenant, Buffer body, CacheKeyOptions options) {
    Map<String, Object> fields;
    try {
      fields = Json.read(body).fields();
    } catch (BadRequest bad) {
      throw new IllegalArgumentException("body: " + bad.text, bad);
    }
    return key(
        Operation.valueOf(operation.toUpperCase(Locale.ROOT)),
        new Caller("", "", tenant, "", ""),
        fields,
        options);
  }

  /** Estimates tokens and hashes leading blocks of the prompt of a parsed body. */
  PromptText text(String model, Map<String, Object> body) {
    long seed = prefixSeed ^ (model.hashCode() * 0x9E3779B97F4A7C15L);
    return PromptText.read(body, seed, sinks.get().block);
  }

  private Mac mac() {
    try {
      return (Mac) prototype.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's " + ALGORITHM + " can be cloned", e);
    }
  }

  /** Writes a tree so that different trees give different bytes: a tag, a length, the contents. */
  private static final class Sink {
    private static final int MAX_SHORT = 32;

    private final Mac mac;
    private final byte[] buffer = new byte[4096];
    private final byte[] block = new byte[PromptText.BLOCK_BYTES];
    private int filled;
    private boolean dirty;

    Sink(Mac mac) {
      this.mac = mac;
    }

    void begin() {
      if (dirty) {
        mac.reset(); // what was written last was not written to its end
      }
      filled = 0;
      dirty = true;
    }

    byte[] done() {
      flush();
      dirty = false;
      return mac.doFinal();
    }

    void string(String text) {
      tag('"', text.length());
      if (shortAscii(text)) {
        return;
      }
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      if (utf8.length == text.length()
          && new String(utf8, StandardCharsets.ISO_8859_1).equals(text)) {
        bytes(utf8); // ASCII: copies by the JDK are much faster than one loop over characters
      } else {
        for (int i = 0; i < text.length(); i++) {
          character(text.charAt(i));
        }
      }
    }

    /** Names and roles: for them a loop is quicker than copies. */
    private boolean shortAscii(String text) {
      int length = text.length();
      if (length > MAX_SHORT || length > buffer.length - filled) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        if (c >= 0x80) {
          return false; // what was written is not counted, and is written over
        }
        buffer[filled + i] = (byte) c;
      }
      filled += length;
      return true;
    }

    private void bytes(byte[] some) {
      if (some.length > buffer.length - filled) {
        flush();
      }
      if (some.length > buffer.length) {
        mac.update(some, 0, some.length);
      } else {
        System.arraycopy(some, 0, buffer, filled, some.length);
        filled += some.length;
      }
    }

    /** Of a tree the members with these names, which are sorted. */
    void members(String[] names, Map<?, ?> tree) {
      tag('{', names.length);
      for (String name : names) {
        string(name);
        value(Objects.requireNonNull(tree.get(name)));
      }
    }

    private void all(Map<?, ?> tree) {
      String[] names = tree.keySet().toArray(NO_NAMES);
      Arrays.sort(names);
      members(names, tree);
    }

    private void value(Object value) {
      switch (value) {
        case String text -> string(text);
        case Map<?, ?> tree -> all(tree);
        case List<?> list -> {
          tag('[', list.size());
          list.forEach(this::value);
        }
        case Long number -> number(number);
        case BigDecimal number -> number(number);
        case Json.Odd odd -> {
          tag('o', 0);
          string(odd.text());
        }
        case Boolean flag -> tag(flag ? 't' : 'f', 0);
        default -> tag('n', 0);
      }
    }

    /** As the same number in decimals, without making one: embeddings have many. */
    private void number(long number) {
      if (number != 0 && number % 10 == 0) {
        number(BigDecimal.valueOf(number));
      } else {
        tag('#', 0);
        string(Long.toString(number));
      }
    }

    private void number(BigDecimal number) {
      tag('#', 0);
      string(number.signum() == 0 ? "0" : number.stripTrailingZeros().toString());
    }

    private void tag(char kind, int length) {
      if (buffer.length - filled < 1 + Integer.BYTES) {
        flush();
      }
      buffer[filled++] = (byte) kind;
      LENGTHS.set(buffer, filled, length);
      filled += Integer.BYTES;
    }

    /** Like UTF-8, but surrogates one by one, so that broken pairs stay different. */
    private void character(char c) {
      if (c < 0x80) {
        put(c);
      } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
      } else {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
      }
    }

    private void put(int octet) {
      if (filled == buffer.length) {
        flush();
      }
      buffer[filled++] = (byte) octet;
    }

    private void flush() {
      mac.update(buffer, 0, filled);
      filled = 0;
    }
  }
}
