@NullMarked
package dev.forebay.replay.warm;

import org.jspecify.annotations.NullMarked;
