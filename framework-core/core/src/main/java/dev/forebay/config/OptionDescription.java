package dev.forebay.config;

import org.jspecify.annotations.Nullable;

/**
 * An option of a plugin, for people.
 *
 * @param name its key; those of nested records as {@code retry.attempts}, of lists as {@code
 *     models[].name}, of mappings as {@code prices.NAME.input}
 * @param type in a few words, such as {@code whole number} or {@code one of a, b}
 * @param unit the unit of a number; null where it has none
 * @param defaultValue as a configuration writes it; null where there is none
 * @param min the least value as a configuration writes it; null where there is none
 * @param exclusiveMin whether the least value itself is out of bounds
 * @param max the greatest value; null where there is none
 * @param required whether it must be given
 * @param secret whether its value is never shown
 * @param doc what it is for
 */
public record OptionDescription(
    String name,
    String type,
    @Nullable String unit,
    @Nullable String defaultValue,
    @Nullable String min,
    boolean exclusiveMin,
    @Nullable String max,
    boolean required,
    boolean secret,
    String doc) {}
