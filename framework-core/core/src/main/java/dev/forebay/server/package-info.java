/** Gateways on the network: a whole {@code GATEWAY.yaml}, and what runs it. */
@NullMarked
package dev.forebay.server;

import org.jspecify.annotations.NullMarked;
