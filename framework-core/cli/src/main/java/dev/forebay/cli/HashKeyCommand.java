package dev.forebay.cli;

import dev.forebay.edge.identity.KeyHash;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes what a gateway's file holds instead of an API key. */
@Command(
    name = "hash-key",
    description = "Prints the hash of an API key, for keys: in a gateway's file.",
    footer = {
      "",
      "The key is one line of standard input, so that no list of processes shows it.",
      "Example: forebay hash-key --generate"
    })
final class HashKeyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--generate",
      description = "makes a new key of 256 random bits, and prints it too")
  private boolean generate;

  @Option(
      names = "--secret-env",
      paramLabel = "NAME",
      description =
          "environment variable with the file's key-hash-secret: the hash is worth nothing without"
              + " it; needed for keys that people made up")
  private @Nullable String secretName;

  @Override
  public Integer call() throws IOException {
    String key = generate ? KeyHash.newKey() : line();
    PrintWriter out = spec.commandLine().getOut();
    if (generate) {
      out.println("key: " + key);
    }
    out.println("hash: " + KeyHash.of(key, secret()));
    out.flush();
    return Main.OK;
  }

  private @Nullable String secret() {
    String name = secretName;
    if (name == null) {
      return null;
    }
    String secret = System.getenv(name);
    if (secret == null) {
      throw new WrongInput("--secret-env: " + name + " (expected: a variable that is set)");
    }
    return secret;
  }

  private static String line() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String key = in.readLine();
    if (key == null || key.isBlank()) {
      throw new WrongInput("standard input: no key (expected: one line; or --generate)");
    }
    return key.strip();
  }
}
