package dev.forebay.cli;

import dev.forebay.config.PluginDescription;
import dev.forebay.config.Reference;
import dev.forebay.config.Registry;
import dev.forebay.spi.options.Names;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists plugins by kind, or the options of one. */
@Command(
    name = "plugins",
    description = "Lists plugins by kind, or one plugin's options.",
    footer = {"", "Example: forebay plugins token-bucket"})
final class PluginsCommand implements Callable<Integer> {

  private enum Format {
    text,
    json,
    markdown
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      description = "the plugin whose options to show")
  private @Nullable String name;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "${COMPLETION-CANDIDATES}; markdown is the whole reference, docs/plugins.md"
              + " (default: ${DEFAULT-VALUE})")
  private Format format = Format.text;

  @Mixin private PluginJars plugins = new PluginJars();

  @Override
  public Integer call() {
    if (format == Format.markdown && name != null) {
      throw new ParameterException(
          spec.commandLine(), "--format markdown is of all plugins (expected: no NAME)");
    }
    Registry registry = plugins.registry(spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    out.print(shown(registry));
    out.flush();
    return Main.OK;
  }

  private String shown(Registry registry) {
    if (format == Format.markdown) {
      return Reference.markdown(registry);
    }
    if (format == Format.json) {
      return Reference.json(chosen(registry)) + System.lineSeparator();
    }
    return name == null
        ? Reference.text(registry)
        : chosen(registry).stream().map(Reference::text).collect(Collectors.joining("\n"));
  }

  private List<PluginDescription> chosen(Registry registry) {
    List<PluginDescription> all = registry.descriptions();
    if (name == null) {
      return all;
    }
    List<PluginDescription> found = all.stream().filter(p -> p.name().equals(name)).toList();
    if (found.isEmpty()) {
      List<String> names = all.stream().map(PluginDescription::name).distinct().toList();
      throw new WrongInput("plugins: " + name + " (expected: " + Names.oneOf(names, name) + ")");
    }
    return found;
  }
}
