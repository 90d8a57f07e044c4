@NullMarked
package dev.forebay.timeline;

import org.jspecify.annotations.NullMarked;
