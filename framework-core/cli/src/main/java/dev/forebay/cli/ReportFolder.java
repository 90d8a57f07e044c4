package dev.forebay.cli;

import dev.forebay.replay.rules.AlertReport;
import dev.forebay.replay.run.CsvReport;
import dev.forebay.replay.run.JsonReport;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.SweepReport;
import dev.forebay.spi.options.FileError;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Where reports are written. A file is written beside its place and moved there whole, so that
 * whatever ends the command leaves the old report or the new one, never half of one.
 */
record ReportFolder(Path folder) {

  private static final String OUT = "--out";

  /**
   * The folder of {@code --out}, as {@link #at(String, Path)}.
   *
   * @throws WrongInput if that cannot be, before any work is done
   */
  static ReportFolder at(Path folder) {
    return at(OUT, folder);
  }

  /**
   * A folder that can be written into; it is made if it is missing.
   *
   * @param option that names it
   * @throws WrongInput if that cannot be, before any work is done
   */
  static ReportFolder at(String option, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, ".report", ".new"));
    } catch (IOException e) {
      throw unwritable(option, folder, e);
    }
    return new ReportFolder(folder);
  }

  /**
   * Writes {@code report.json}, {@code report.csv} and {@code index.html}.
   *
   * @param page the report as a page
   */
  void write(Report report, @Nullable AlertReport fired, String page) {
    write("report.json", json(report, fired) + "\n");
    write("report.csv", CsvReport.of(report));
    write("index.html", page);
  }

  /** Writes those of a live comparison. */
  void write(JsonObject json, Report report, String page) {
    write("report.json", json.encodePrettily() + "\n");
    write("report.csv", CsvReport.of(report));
    write("index.html", page);
  }

  /** The report as JSON, with the alerts that fired if rules were evaluated. */
  static String json(Report report, @Nullable AlertReport fired) {
    JsonObject json = JsonReport.of(report);
    return (fired == null ? json : json.put("alerts", fired.json())).encodePrettily();
  }

  /** Writes the files of a sweep. */
  void write(SweepReport report, String page) {
    write("report.json", report.json().encodePrettily() + "\n");
    write("report.csv", report.csv());
    write("index.html", page);
  }

  private void write(String name, String text) {
    try {
      Path written = Files.createTempFile(folder, "." + name, ".new");
      try {
        Files.writeString(written, text);
        Files.move(written, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw unwritable(OUT, folder.resolve(name), e);
    }
  }

  private static WrongInput unwritable(String option, Path path, IOException e) {
    return new WrongInput(
        option
            + ": "
            + path
            + " cannot be written: "
            + FileError.words(e)
            + " (expected: a folder to write into)");
  }
}
