package dev.forebay.core.kernel;

import dev.forebay.spi.TokenStream;

/** A stream of the core: it keeps the rules of {@link TokenStream}, so it needs no guard. */
public interface OwnStream extends TokenStream {}
