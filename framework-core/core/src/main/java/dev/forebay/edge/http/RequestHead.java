package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest.HttpHead;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks of a request's head, before anything is made of its body. */
final class RequestHead {

  /** Who shows these is known already, and nobody else is to learn them. */
  private static final Set<String> CREDENTIALS =
      Set.of("authorization", "proxy-authorization", "x-api-key", "api-key", "cookie");

  /**
   * What a field takes beside its text: its entry, objects for name and value, and the entry of the
   * copy that filters see.
   */
  private static final int FIELD_BYTES = 256;

  private RequestHead() {}

  /** What a head, or a part of one, takes of memory: of many short lines more than its text. */
  static long bytes(long text, int fields) {
    return text + (long) fields * FIELD_BYTES;
  }

  /** What the head of a request takes of memory; 0 where only the host's server knows. */
  static long bytes(HttpServerRequest request) {
    if (!(request.decoderResult() instanceof HttpMessageDecoderResult read)) {
      return 0;
    }
    int fields = 0;
    for (Map.Entry<String, String> ignored : request.headers()) {
      fields++;
    }
    return bytes(read.totalSize(), fields);
  }

  /** What filters and backends may see of it. */
  static HttpHead of(HttpServerRequest request) {
    List<Map.Entry<String, String>> shown = new ArrayList<>();
    for (Map.Entry<String, String> header : request.headers()) {
      if (!CREDENTIALS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        shown.add(header);
      }
    }
    String path = request.path();
    return new HttpHead(path == null ? "" : path, Headers.copyOf(shown));
  }

  /**
   * The value of a header that decides something; null if it is not there.
   *
   * @throws BadRequest 400 if it is there several times: programs on the way may read another one
   */
  static @Nullable String single(MultiMap headers, CharSequence name) {
    List<String> all = headers.getAll(name);
    if (all.size() > 1) {
      throw BadRequest.invalid(null, name + ": there " + all.size() + " times (expected: once)");
    }
    return all.isEmpty() ? null : all.get(0);
  }

  /**
   * Requires a body that is sent as it is. A compressed one is refused, not unpacked: a few bytes
   * can stand for gigabytes, and bodies are handed on byte for byte.
   *
   * @throws BadRequest 415 where the body is encoded
   */
  static void requirePlainBody(HttpServerRequest request) {
    boolean plain =
        request.headers().getAll(HttpHeaders.CONTENT_ENCODING).stream()
            .allMatch(encoding -> encoding.trim().equalsIgnoreCase("identity"));
    if (!plain) {
      request.response().putHeader("accept-encoding", "identity");
      throw new BadRequest(
          415,
          "unsupported_content_encoding",
          null,
          "Content-Encoding: this gateway takes no encoded bodies (expected: none, or identity)");
    }
  }
}
