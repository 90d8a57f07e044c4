package dev.forebay.cli;

import dev.forebay.replay.warm.GatewayTarget;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which running gateway's administration is asked. */
final class AdministrationTarget {

  @Option(
      names = "--administration",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8081",
      description = "the gateway's administration (default: ${DEFAULT-VALUE})")
  private URI administration = URI.create("http://127.0.0.1:8081");

  @Option(
      names = "--token-env",
      paramLabel = "NAME",
      description = "variable of the environment that holds the administration's token")
  private @Nullable String tokenVariable;

  /** The administration alone. */
  GatewayTarget target() {
    return target(administration, null);
  }

  /** With the gateway's own address, and the key to ask it with; null for none. */
  GatewayTarget target(URI gateway, @Nullable String key) {
    return new GatewayTarget(
        gateway, administration, key, secret("--token-env", tokenVariable, "a token"));
  }

  /**
   * What a variable of the environment holds; null if none is named.
   *
   * @throws WrongInput if it holds nothing
   */
  static @Nullable String secret(String option, @Nullable String variable, String what) {
    if (variable == null) {
      return null;
    }
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      throw new WrongInput(option + ": " + variable + " is not set (expected: " + what + " in it)");
    }
    return value.strip();
  }
}
