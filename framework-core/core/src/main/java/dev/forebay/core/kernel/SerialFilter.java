package dev.forebay.core.kernel;

/** A filter that makes a {@link SerialService} of whatever comes next. */
public interface SerialFilter extends OwnFilter {}
