package dev.forebay.jobs;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/**
 * How callers are told of the ends of their jobs, if they ask for it: by a POST that is signed as
 * Standard Webhooks are.
 *
 * @param secret {@code whsec_} and 24 to 64 bytes in base64
 * @param hosts that callers may name, so that nobody sends the gateway to places inside its network
 * @param timeout of one try
 * @param within after the end of the job it is not tried any more; tries are ever further apart
 */
@Doc("Tells callers of the ends of their jobs.")
public record Callbacks(
    @Doc("Signs callbacks: whsec_ and 24 to 64 bytes in base64, as Standard Webhooks have it.")
        @Secret
        String secret,
    @Doc("Hosts that callers may name.") @NotEmpty List<String> hosts,
    @Doc("The longest that one try may take.") @Default("10s") @Range(min = 1, max = 60)
        Duration timeout,
    @Doc("How long after the end of a job it is tried.")
        @Default("1d")
        @Range(min = 1, max = 31_536_000)
        Duration within) {

  private static final String PREFIX = "whsec_";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;

  /** Checks and copies. */
  public Callbacks {
    hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    int bytes;
    try {
      bytes = secret.startsWith(PREFIX) ? key(secret).length : 0;
    } catch (IllegalArgumentException e) {
      bytes = 0;
    }
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "secret: not shown (expected: whsec_ and 24 to 64 bytes in base64)");
    }
  }

  private static byte[] key(String secret) {
    return Base64.getDecoder().decode(secret.substring(PREFIX.length()));
  }

  /** What signs. */
  byte[] key() {
    return key(secret);
  }

  /**
   * A place that a caller names.
   *
   * @throws IllegalArgumentException if it is no URL, or not at one of the hosts
   */
  HttpAddress address(String url) {
    HttpAddress address = HttpAddress.parse(url);
    if (!hosts.contains(address.host().toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "host " + address.host() + " (expected: one that the gateway allows)");
    }
    return address;
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }
}
