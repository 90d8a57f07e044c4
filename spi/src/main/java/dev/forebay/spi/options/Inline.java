package dev.forebay.spi.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An option without a key of its own. What it holds stands among the keys of the record around it:
 *
 * <ul>
 *   <li>of a record: its options;
 *   <li>of a plugin: {@code plugin: NAME} and its options;
 *   <li>of a list of plugins: each plugin's name, with its options as the value. There may be one
 *       such option.
 * </ul>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Inline {}
