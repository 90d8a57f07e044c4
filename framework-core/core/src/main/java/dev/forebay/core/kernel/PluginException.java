package dev.forebay.core.kernel;

import org.jspecify.annotations.Nullable;

/** A plugin could not be made. The message names the plugin, what was called, and what is wrong. */
public final class PluginException extends RuntimeException {

  private static final long serialVersionUID = 1;

  PluginException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
