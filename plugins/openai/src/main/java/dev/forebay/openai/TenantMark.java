package dev.forebay.openai;

import dev.forebay.dialect.JsonBody;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells an upstream which requests are of one tenant, by a member of the body such as DeepSeek's
 * {@code user_id}, which keeps its caches and its scheduling apart. The name is a hash: the same on
 * every gateway and after every start, and not what the tenant is called here. A caller who names
 * itself is left alone.
 */
final class TenantMark {

  private static final int NAME_BYTES = 16;
  private static final int REMEMBERED = 10_000;

  private final String member;
  private final Map<String, String> names = new ConcurrentHashMap<>();

  /**
   * A mark.
   *
   * @param member the name of the member
   */
  TenantMark(String member) {
    this.member = member;
  }

  /** A body that names its tenant; the same if it names somebody. */
  JsonBody on(JsonBody body, String tenant) {
    return body.find(member, 0) >= 0 ? body : body.withMember(member, '"' + name(tenant) + '"');
  }

  private String name(String tenant) {
    if (names.size() >= REMEMBERED) {
      names.clear();
    }
    return names.computeIfAbsent(tenant, TenantMark::hash);
  }

  private static String hash(String tenant) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("forebay tenant " + tenant).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
