/** What health policies share: endpoints that are full, and not sick. */
@NullMarked
package dev.forebay.balancing.fullness;

import org.jspecify.annotations.NullMarked;
