package dev.forebay.core;

/** A filter that makes a {@link LaneService} of whatever comes next. */
public interface LaneFilter extends OwnFilter {}
