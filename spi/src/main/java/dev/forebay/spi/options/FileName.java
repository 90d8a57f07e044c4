package dev.forebay.spi.options;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A text that names a file, from the folder in which the gateway runs. The file must be there when
 * options are read, and it must be possible to read it; a folder is none. An empty text names no
 * file, and a file that only a default names is not looked for.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface FileName {
  /** Whether the file may come later, into a folder that is there. */
  boolean later() default false;
}
