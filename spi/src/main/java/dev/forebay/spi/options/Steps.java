package dev.forebay.spi.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A record that configurations write as a list, because the order counts: each item is a name, or a
 * mapping of one name to its options. The name is that of a plugin, for the record's {@link Inline}
 * list, or of another option of the record, which ends the list.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Steps {
  /** What an item is called in messages, such as {@code stage}. */
  String value();
}
