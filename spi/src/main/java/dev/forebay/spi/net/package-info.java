/** For plugins that speak over connections of Vert.x themselves; nothing here is of the kernel. */
@NullMarked
package dev.forebay.spi.net;

import org.jspecify.annotations.NullMarked;
