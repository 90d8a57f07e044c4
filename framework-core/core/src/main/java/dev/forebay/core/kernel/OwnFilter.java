package dev.forebay.core.kernel;

import dev.forebay.spi.Filter;

/** A filter of the core: it fails with nothing but a failure, so it needs no guard. */
public interface OwnFilter extends Filter {}
