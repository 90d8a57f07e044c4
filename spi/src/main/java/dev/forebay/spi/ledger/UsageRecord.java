package dev.forebay.spi.ledger;

import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import java.util.regex.Pattern;

/**
 * What one request used. Texts that are longer than their bound are cut, and lose blanks at their
 * end, which databases do not compare.
 *
 * @param id unique among all gateways of a ledger: 1 to 64 characters of ASCII
 * @param epochMillis when the request ended, in milliseconds since 1970 UTC
 * @param tenant whose it was, at most 64 characters
 * @param user the end user that the request named, at most 128 characters; empty if it named none
 * @param keyId the id of the API key, at most 64 characters; empty if there was none
 * @param model the model that the caller named, at most 128 characters
 * @param backend what answered, at most 64 characters; empty if nothing did
 * @param usage its tokens; all 0 if they are not known
 * @param nanodollars what it cost, in billionths of a US dollar, at least 0
 * @param outcome how it ended
 * @param latencyMillis from its arrival to its end, in milliseconds, at least 0
 * @param cache what the cache did, such as {@code hit}, at most 16 characters; empty if unknown
 * @param job the job that it was made for, at most 64 characters; empty if its caller waited for it
 */
public record UsageRecord(
    String id,
    long epochMillis,
    String tenant,
    String user,
    String keyId,
    String model,
    String backend,
    Usage usage,
    long nanodollars,
    Status outcome,
    long latencyMillis,
    String cache,
    String job) {

  private static final Pattern ID = Pattern.compile("[!-~]{1,64}");
  private static final int LONG = 128;
  private static final int SHORT = 64;
  private static final int WORD = 16;

  /** Checks, and cuts long texts. */
  public UsageRecord {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("id: " + id + " (expected: 1 to 64 characters of ASCII)");
    }
    if (nanodollars < 0 || latencyMillis < 0) {
      throw new IllegalArgumentException(
          "nanodollars, latencyMillis: %d, %d (expected: >= 0)"
              .formatted(nanodollars, latencyMillis));
    }
    tenant = cut(tenant, SHORT);
    user = cut(user, LONG);
    keyId = cut(keyId, SHORT);
    model = cut(model, LONG);
    backend = cut(backend, SHORT);
    cache = cut(cache, WORD);
    job = cut(job, SHORT);
  }

  /** At most so many characters, no half ones, and no blanks at the end. */
  private static String cut(String text, int most) {
    int end = text.length();
    if (end > most) {
      end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    }
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  /** Whose records lie together: those of a user, or else those of a tenant. */
  public String owner() {
    return user.isEmpty() ? tenant : user;
  }

  /** Tokens that were used for this request and no other: 0 if its answer was there before. */
  public long tokens() {
    return usage.replayed() ? 0 : usage.totalTokens();
  }
}
