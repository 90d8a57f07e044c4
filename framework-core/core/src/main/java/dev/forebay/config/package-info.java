/**
 * Configurations: a YAML tree that knows its places, one strict reader of option records, and the
 * registry of plugins. Every mistake is reported at once, with its line, path and value.
 */
@NullMarked
package dev.forebay.config;

import org.jspecify.annotations.NullMarked;
