package dev.forebay.core;

import dev.forebay.spi.Filter;

/** A filter that makes a {@link LaneService} of whatever comes next. */
public interface LaneFilter extends OwnFilter {}
