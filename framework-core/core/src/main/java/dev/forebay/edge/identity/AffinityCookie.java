package dev.forebay.edge.identity;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A cookie by which callers that name no session get one: a random number that stands in for the
 * header {@code x-forebay-session}. It names no backend, so it tells nothing about the fleet and
 * stays valid through every change of members (unlike HAProxy's and nginx's, which name the
 * server).
 *
 * @param name of the cookie
 * @param maxAge how long a client keeps it
 */
@Doc(
    "A cookie that gives callers who name no session one, for balancers that keep sessions together.")
public record AffinityCookie(
    @Doc("Name of the cookie: letters, digits, _ and -.") @Default("forebay-session") String name,
    @Doc("How long a client keeps it.") @Default("1h") @Range(min = 1, max = 31_536_000)
        Duration maxAge) {

  private static final String SESSION = "x-forebay-session";
  private static final int BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Checks the name. */
  public AffinityCookie {
    if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: 1 to 64 letters, digits, _ and -)");
    }
  }

  /**
   * The headers of a request with its session: those that came where they name one, else with that
   * of the cookie; a caller that has none is sent one with the answer.
   */
  public MultiMap sessionOf(HttpServerRequest request) {
    String named = request.getHeader(SESSION);
    if (named != null && !named.isEmpty()) {
      return request.headers();
    }
    Cookie cookie = request.getCookie(name);
    String session = cookie != null && isOurs(cookie.getValue()) ? cookie.getValue() : fresh();
    if (cookie == null || !cookie.getValue().equals(session)) {
      request.response().putHeader("set-cookie", setCookie(session, request.isSSL()));
    }
    return MultiMap.caseInsensitiveMultiMap().addAll(request.headers()).set(SESSION, session);
  }

  private static boolean isOurs(String value) {
    return value.matches("[0-9a-f]{" + 2 * BYTES + "}");
  }

  private static String fresh() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private String setCookie(String session, boolean secure) {
    return name
        + "="
        + session
        + "; Path=/; Max-Age="
        + maxAge.toSeconds()
        + "; HttpOnly; SameSite=Lax"
        + (secure ? "; Secure" : "");
  }
}
