package dev.forebay.net;

import java.time.Duration;

/**
 * How long a client uses its connections.
 *
 * @param age from the connect to the last new request
 * @param keepAlive an HTTP/1.1 connection without a request; the upstream's own bound, less one
 *     second, counts if it is shorter
 * @param silence an HTTP/2 connection with open requests that says nothing, not even the answer to
 *     a PING, until it is closed; new requests avoid it after a quarter of that
 * @param drain longest exchange: a connection beyond its age is closed after that at the latest
 */
public record ConnectionRules(Duration age, Duration keepAlive, Duration silence, Duration drain) {}
