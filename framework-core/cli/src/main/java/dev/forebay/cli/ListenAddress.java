package dev.forebay.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The address that a command listens on, if it is not that of its file. */
final class ListenAddress {

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "address to listen on, instead of the file's")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "port to listen on, instead of the file's; 0 picks one")
  private @Nullable Integer port;

  /** What they say, as a patch of the part of the file that has {@code host} and {@code port}. */
  Map<String, Object> given() {
    Map<String, Object> given = new LinkedHashMap<>();
    if (host != null) {
      given.put("host", host);
    }
    if (port != null) {
      given.put("port", port);
    }
    return given;
  }
}
