@NullMarked
package dev.forebay.simulation.http;

import org.jspecify.annotations.NullMarked;
