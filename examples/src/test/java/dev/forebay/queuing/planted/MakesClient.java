package dev.forebay.queuing.planted;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;

/** Breaks a rule: one class makes HTTP clients. */
public final class MakesClient {
  private MakesClient() {}

  /** Makes one. */
  public static HttpClient make(Vertx vertx) {
    return vertx.createHttpClient();
  }
}
