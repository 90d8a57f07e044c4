package dev.forebay.administration;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.http.Errors;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The check of the administration's token, in front of all routes: a request that is neither GET
 * nor HEAD must show it as {@code Authorization: Bearer}, and one for prompts, which its route
 * checks. Without a token there is no check.
 */
final class TokenGuard implements Handler<RoutingContext> {

  private static final String BEARER = "Bearer ";
  private static final List<HttpMethod> READING = List.of(HttpMethod.GET, HttpMethod.HEAD);

  private final byte @Nullable [] token;

  TokenGuard(@Nullable String token) {
    this.token = token == null ? null : token.strip().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (READING.contains(request.method()) || trusts(request)) {
      context.next();
    } else {
      String text = "Authorization: expected Bearer and the token of the administration";
      Errors.write(context.response(), new BadRequest(401, "invalid_token", null, text));
    }
  }

  /** Whether a request shows the token, or there is none. */
  boolean trusts(HttpServerRequest request) {
    return token == null || shown(request);
  }

  /** Whether there is a token. */
  boolean configured() {
    return token != null;
  }

  /** Whether a request shows the token. How long this takes says nothing about it. */
  boolean shown(HttpServerRequest request) {
    List<String> all = request.headers().getAll(HttpHeaders.AUTHORIZATION);
    String given = all.size() == 1 ? all.get(0) : "";
    return token != null
        && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && MessageDigest.isEqual(
            token, given.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
  }
}
