package dev.forebay.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What configurations call a plugin, or a kind of plugin. Without it, that is the simple name of
 * the class in kebab case: {@code LeastConnections} is {@code least-connections}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Named {
  /** The name: lower case, words joined by hyphens. */
  String value();
}
