/** A JUnit 5 extension: a gateway with emulated upstreams for users' own tests. */
@NullMarked
package dev.forebay.junit5;

import org.jspecify.annotations.NullMarked;
