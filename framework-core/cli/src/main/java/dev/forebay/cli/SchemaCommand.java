package dev.forebay.cli;

import dev.forebay.config.JsonSchema;
import dev.forebay.server.GatewayDocument;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

  @Mixin private PluginJars plugins = new PluginJars();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        JsonSchema.of(GatewayDocument.class, plugins.registry(spec.commandLine().getErr()))
            .encodePrettily());
    out.flush();
    return Main.OK;
  }
}
