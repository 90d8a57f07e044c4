package dev.forebay.openai;

/** Which HTTP is spoken to an upstream. */
public enum Protocol {
  /**
   * Over TLS what both sides speak: HTTP/2 where the upstream offers it (ALPN), else HTTP/1.1.
   * Without TLS HTTP/1.1.
   */
  AUTO,
  /** HTTP/1.1: a connection for each request under way. */
  HTTP1,
  /** HTTP/2; without TLS by prior knowledge (h2c). */
  HTTP2
}
