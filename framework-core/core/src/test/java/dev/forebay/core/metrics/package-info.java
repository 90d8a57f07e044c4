@NullMarked
package dev.forebay.core.metrics;

import org.jspecify.annotations.NullMarked;
