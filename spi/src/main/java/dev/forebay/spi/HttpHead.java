package dev.forebay.spi;

/**
 * The head of a request as its caller sent it by HTTP, for filters and backends that pass some of
 * it on. A trace has none: what depends on it behaves otherwise in a replay, and its {@link
 * Plugin#readsHead()} says so.
 *
 * @param path the path without the query, as it was sent; empty if there is none
 * @param headers those of the caller, without the credentials ({@code authorization}, {@code
 *     proxy-authorization}, {@code x-api-key}, {@code api-key}, {@code cookie}); together not
 *     larger than the gateway's bound on heads
 */
public record HttpHead(String path, Headers headers) {

  /** No head: of requests that did not come by HTTP, such as those of a trace. */
  public static final HttpHead NONE = new HttpHead("", Headers.EMPTY);
}
