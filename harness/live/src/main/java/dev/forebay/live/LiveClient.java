package dev.forebay.live;

import io.gatling.app.Gatling;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The client as a process: {@code PLAN RESULTS FOLDER}. It runs Gatling, which ends the process: 0
 * after a run, whatever became of the requests. It also ends when its standard input does: not
 * later than its parent.
 */
public final class LiveClient {

  /** The system property that names the plan. */
  static final String PLAN = "forebay.live.plan";

  /** The system property that names the file of results. */
  static final String RESULTS = "forebay.live.results";

  private LiveClient() {}

  /** Runs. */
  public static void main(String[] arguments) {
    if (arguments.length != 3) {
      System.err.println("arguments: " + arguments.length + " (expected: PLAN RESULTS FOLDER)");
      System.exit(2);
    }
    untilInputEnds();
    System.setProperty(PLAN, arguments[0]);
    System.setProperty(RESULTS, arguments[1]);
    Gatling.main(
        new String[] {
          "--simulation",
          TraceSimulation.class.getName(),
          "--results-folder",
          arguments[2],
          "--no-reports",
          "--launcher",
          "forebay"
        });
  }

  /** The results cannot be written: without them there is nothing to wait for. */
  static void lost(IOException why) {
    System.err.println("results cannot be written: " + why.getMessage());
    Runtime.getRuntime().halt(1);
  }

  private static void untilInputEnds() {
    Thread watch =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
              } catch (IOException e) {
                // no input any more
              }
              Runtime.getRuntime().halt(1);
            },
            "forebay-input");
    watch.setDaemon(true);
    watch.start();
  }
}
