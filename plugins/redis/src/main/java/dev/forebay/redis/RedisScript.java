package dev.forebay.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A script in Lua that a Redis runs as one step.
 *
 * @param name for messages
 * @param text the script
 * @param sha1 by which a server that knows it calls it
 */
public record RedisScript(String name, String text, String sha1) {

  /** A script of resources that stand beside a class, one after the other. */
  public static RedisScript of(Class<?> beside, String... files) {
    StringBuilder text = new StringBuilder();
    for (String file : files) {
      try (InputStream in = beside.getResourceAsStream(file)) {
        if (in == null) {
          throw new IllegalArgumentException("script: " + file + " (expected: a resource)");
        }
        text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return of(files[files.length - 1], text.toString());
  }

  /** A script with that text. */
  public static RedisScript of(String name, String text) {
    try {
      byte[] sha1 =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return new RedisScript(name, text, HexFormat.of().formatHex(sha1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
