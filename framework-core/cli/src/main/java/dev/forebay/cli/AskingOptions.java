package dev.forebay.cli;

import dev.forebay.replay.warm.GatewayTarget;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say which running gateway is asked, and as whom. */
final class AskingOptions {

  @Mixin private AdministrationTarget administration = new AdministrationTarget();

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "the gateway (default: ${DEFAULT-VALUE})")
  private URI url = URI.create("http://127.0.0.1:8080");

  @Option(
      names = "--key-env",
      paramLabel = "NAME",
      description =
          "variable of the environment that holds the API key to ask with; with --tenant, the"
              + " tenant that the key belongs to")
  private @Nullable String keyVariable;

  GatewayTarget target() {
    return administration.target(
        url, AdministrationTarget.secret("--key-env", keyVariable, "an API key"));
  }
}
