@NullMarked
package dev.forebay.examples.modeluse;

import org.jspecify.annotations.NullMarked;
