@NullMarked
package dev.forebay.junit5;

import org.jspecify.annotations.NullMarked;
