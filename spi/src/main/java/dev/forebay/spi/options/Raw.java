package dev.forebay.spi.options;

/**
 * The type of an option that stays as it stands in a configuration: what it means is known later.
 */
public interface Raw {}
