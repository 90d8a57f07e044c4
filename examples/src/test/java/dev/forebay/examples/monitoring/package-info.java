@NullMarked
package dev.forebay.examples.monitoring;

import org.jspecify.annotations.NullMarked;
