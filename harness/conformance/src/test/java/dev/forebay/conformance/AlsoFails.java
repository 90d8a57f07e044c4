package dev.forebay.conformance;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Other rules that a broken plugin may fail, because the one it breaks is a part of them. */
@Retention(RetentionPolicy.RUNTIME)
@interface AlsoFails {
  String[] value();
}
