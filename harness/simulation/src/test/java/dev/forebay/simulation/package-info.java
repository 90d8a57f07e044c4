@NullMarked
package dev.forebay.simulation;

import org.jspecify.annotations.NullMarked;
