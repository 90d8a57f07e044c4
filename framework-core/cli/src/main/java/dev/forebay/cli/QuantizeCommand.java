package dev.forebay.cli;

import dev.forebay.gguf.GgufException;
import dev.forebay.gguf.Quantization;
import dev.forebay.gguf.Quantizer;
import dev.forebay.gguf.TensorType;
import dev.forebay.spi.options.FileError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Quantizes a model file; says sizes and error. */
@Command(
    name = "quantize",
    description = "Quantizes a model file (GGUF in F32, F16 or BF16); says sizes and error.",
    footer = {
      "",
      "Matrices become blocks of 32 integers with a scale; vectors, norms and metadata are kept.",
      "Example: forebay quantize model-f16.gguf model-q8_0.gguf --type q8_0"
    })
final class QuantizeCommand implements Callable<Integer> {

  private static final int SHOWN = 4;

  private enum Type {
    q8_0(TensorType.Q8_0),
    q4_0(TensorType.Q4_0);

    private final TensorType tensors;

    Type(TensorType tensors) {
      this.tensors = tensors;
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "IN.gguf", description = "the model to read")
  private Path in = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT.gguf", description = "the file to write")
  private Path out = Path.of("");

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = "${COMPLETION-CANDIDATES}: 8 or 4 bits, with a scale per 32 elements")
  private Type type = Type.q8_0;

  @Override
  public Integer call() throws IOException {
    ByteBar bar = new ByteBar(spec.commandLine().getErr());
    try {
      Quantization done = Quantizer.quantize(in, out, type.tensors, bar::at);
      bar.clear();
      print(done, spec.commandLine().getOut());
      return Main.OK;
    } catch (GgufException e) {
      bar.clear();
      throw new WrongInput(String.valueOf(e.getMessage()));
    } catch (FileSystemException e) {
      throw new WrongInput(
          "%s: cannot be written: %s (expected: a file in a folder that is there)"
              .formatted(out, FileError.words(e)));
    }
  }

  private static void print(Quantization done, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-16s %7s %14s %12s %12s%n",
        "tensors",
        "number",
        "elements",
        "RMSE",
        "cosine");
    for (Quantization.Kind kind : done.kinds()) {
      out.printf(
          Locale.ROOT,
          "%-16s %7d %14d %12.6f %12.8f%n",
          kind.name(),
          kind.tensors(),
          kind.elements(),
          kind.rmse(),
          kind.cosine());
    }
    done.kept()
        .forEach(
            (reason, names) ->
                out.printf(
                    Locale.ROOT,
                    "kept (%s): %d: %s%s%n",
                    reason,
                    names.size(),
                    String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))),
                    names.size() > SHOWN ? ", …" : ""));
    out.printf(
        Locale.ROOT,
        "%d bytes became %d: %.3f of the size%n",
        done.bytesIn(),
        done.bytesOut(),
        done.ratio());
    out.flush();
  }
}
