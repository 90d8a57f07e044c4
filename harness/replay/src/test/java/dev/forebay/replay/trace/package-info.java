@NullMarked
package dev.forebay.replay.trace;

import org.jspecify.annotations.NullMarked;
