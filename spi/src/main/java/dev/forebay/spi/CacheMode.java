package dev.forebay.spi;

/** What a caller allows caches to do with a request. */
public enum CacheMode {
  /** Look up, and store. */
  DEFAULT,
  /** Look up, but do not store. */
  NO_STORE,
  /** Do not look up, but store. */
  NO_CACHE,
  /** Look up, and answer 504 where there is nothing. */
  ONLY_IF_CACHED
}
