package dev.forebay.cli;

import dev.forebay.gguf.RandomLlama;
import dev.forebay.spi.options.FileError;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model of random weights, for tries and measurements. */
@Command(
    name = "random-model",
    description = "Makes a model of random weights, for tries and measurements: it answers noise.",
    footer = {"", "Example: forebay random-model /tmp/tiny.gguf"})
final class RandomModelCommand implements Callable<Integer> {

  private enum Size {
    tiny,
    medium
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "OUT.gguf", description = "the file to write")
  private Path out = Path.of("");

  @Option(
      names = "--size",
      defaultValue = "tiny",
      paramLabel = "SIZE",
      description = "tiny (0.2 million parameters) or medium (110 million); default: tiny")
  private Size size = Size.tiny;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "of the weights (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Override
  public Integer call() throws IOException {
    RandomLlama shape = size == Size.tiny ? RandomLlama.tiny() : RandomLlama.medium();
    try {
      shape.write(out, seed);
    } catch (FileSystemException e) {
      throw new WrongInput(
          "%s: cannot be written: %s (expected: a file in a folder that is there)"
              .formatted(out, FileError.words(e)));
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %d random parameters, %d bytes; it answers noise%n",
            out,
            shape.parameters(),
            Files.size(out));
    return Main.OK;
  }
}
