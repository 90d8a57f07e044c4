package dev.forebay.cli;

import dev.forebay.config.JsonSchema;
import dev.forebay.server.GatewayDocument;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of gateways. */
@Command(
    name = "schema",
    description = "Prints the JSON Schema of a gateway's file, for editors.",
    footer = {
      "",
      "An editor that knows the YAML language server completes and checks a file that begins with",
      "# yaml-language-server: $schema=gateway.schema.json",
      "Example: forebay schema > gateway.schema.json"
    })
final class SchemaCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "adds the plugins in the jars of a folder")
  private @Nullable Path plugins;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        JsonSchema.of(
                GatewayDocument.class, PluginJars.registry(plugins, spec.commandLine().getErr()))
            .encodePrettily());
    out.flush();
    return Main.OK;
  }
}
