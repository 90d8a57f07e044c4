/** What a gateway lends to its plugins, by {@link dev.forebay.spi.PluginContext#resource}. */
@NullMarked
package dev.forebay.spi.host;

import org.jspecify.annotations.NullMarked;
