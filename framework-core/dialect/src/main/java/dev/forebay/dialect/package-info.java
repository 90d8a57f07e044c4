/**
 * The wire format of OpenAI's API: what a request says, what an answer says, what ends it, and what
 * an error in it means. It depends on the SPI only; the edge, the backends, the cache and the
 * simulated server use it.
 */
@NullMarked
package dev.forebay.dialect;

import org.jspecify.annotations.NullMarked;
