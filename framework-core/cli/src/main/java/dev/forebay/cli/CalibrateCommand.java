package dev.forebay.cli;

import dev.forebay.replay.live.Calibration;
import dev.forebay.spi.options.FileError;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Estimates the simulated server's constants from a short live run. */
@Command(
    name = "calibrate",
    description =
        "Estimates the simulated server's constants from a live run, and prints a fleet for"
            + " scenarios.",
    footer = {
      "",
      "Example: forebay compare fidelity --mode live --upstream URL --model NAME --keep runs",
      "         forebay calibrate runs/baseline-1.jsonl"
    })
final class CalibrateCommand implements Callable<Integer> {

  /** Numbers of an answer that is measured. */
  private static final List<String> TIMES =
      List.of("promptTokens", "sent", "first", "end", "tries", "tokens");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1",
      paramLabel = "FILE",
      description = "what compare --mode live --keep DIR wrote of one run")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      out.print(Calibration.of(lines()).fragment());
    } catch (IllegalArgumentException e) {
      throw new WrongInput(file + ": " + e.getMessage());
    }
    out.flush();
    return Main.OK;
  }

  /** Whether a line has what is measured in it, if that is anything. */
  private static boolean isResult(JsonObject line) {
    return line.getValue("how") instanceof String
        && line.getValue("gapsMicros") instanceof JsonArray gaps
        && gaps.stream().allMatch(Number.class::isInstance)
        && (gaps.isEmpty() || TIMES.stream().allMatch(key -> line.getValue(key) instanceof Number));
  }

  private List<JsonObject> lines() {
    List<JsonObject> all = new ArrayList<>();
    try {
      for (String text : Files.readAllLines(file)) {
        JsonObject line = new JsonObject(text);
        if (line.containsKey("how")) {
          if (!isResult(line)) {
            throw new WrongInput(file + ": a line without times (expected: what --keep wrote)");
          }
          all.add(line);
        }
      }
    } catch (IOException e) {
      throw new WrongInput(file + ": cannot be read: " + FileError.words(e));
    } catch (DecodeException e) {
      throw new WrongInput(file + ": not JSON (expected: what --keep wrote)");
    }
    return all;
  }
}
