package dev.forebay.spi.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An option that names something else of the gateway, so that a wrong name is found before anything
 * starts. The only thing that can be named today is a {@code pool}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Ref {
  /** What it names: {@code pool}. */
  String value();

  /** Whether requests go on to what it names; false if that is only looked at. */
  boolean asked() default true;
}
