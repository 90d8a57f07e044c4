package dev.forebay.spi.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A list that has at least one element if a configuration gives it. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface NotEmpty {
  /** What to do instead of giving an empty list, for messages; empty if there is nothing to say. */
  String value() default "";
}
