package dev.forebay.conformance;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A rehearsal in another JVM. It has another locale, another time zone, other identity hash codes
 * and, as every JVM, another order of {@code Set.of}: a plugin that depends on one of them decides
 * differently there.
 */
final class SecondJvm {

  private static final long SECONDS = 60;

  private SecondJvm() {}

  /**
   * Rehearses the plugin of a contract in a JVM of its own.
   *
   * @param contract a class with a constructor without parameters
   */
  static List<String> perform(Class<?> contract) throws IOException, InterruptedException {
    Path decisions = Files.createTempFile("forebay-decisions", ".txt");
    Path output = Files.createTempFile("forebay-output", ".txt");
    try {
      Process process = start(contract, decisions, output);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("the second JVM took more than " + SECONDS + " s");
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException("the second JVM failed: " + Files.readString(output));
      }
      return Files.readAllLines(decisions);
    } finally {
      Files.delete(decisions);
      Files.delete(output);
    }
  }

  private static Process start(Class<?> contract, Path decisions, Path output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:hashCode=3",
            "-Duser.language=tr",
            "-Duser.country=TR",
            "-Duser.timezone=Asia/Kathmandu",
            SecondJvm.class.getName(),
            contract.getName(),
            decisions.toString());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  /**
   * Writes the decisions of a contract's plugin to a file.
   *
   * @param arguments the contract's class, and the file
   */
  public static void main(String[] arguments) throws Exception {
    Constructor<?> constructor = Class.forName(arguments[0]).getDeclaredConstructor();
    constructor.setAccessible(true);
    PluginContract<?> contract = (PluginContract<?>) constructor.newInstance();
    Files.write(
        Path.of(arguments[1]),
        Rehearsal.perform(contract.plugin(), contract.lend(TestContext.create())));
  }
}
