package dev.forebay.conformance;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A rehearsal in another JVM. It has another locale, another time zone, other identity hash codes
 * and, as every JVM, another order of {@code Set.of}: a plugin that depends on one of them decides
 * differently there.
 *
 * <p>One such JVM serves all contracts of this JVM. It is started for the first of them, is asked
 * by a line on its input, and ends when this JVM does, which closes that input.
 */
final class SecondJvm {

  private static final long SECONDS = 60;
  private static final String DONE = "forebay: done";
  private static final String FAILED = "forebay: failed: ";

  private static @Nullable SecondJvm running;

  private final long seconds;
  private final Process process;
  private final Writer input;
  private final BufferedReader output;

  private SecondJvm() throws IOException {
    this(
        SECONDS,
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
        SecondJvm.class.getName());
  }

  /** A command, each answer of which comes within a time. */
  SecondJvm(long seconds, String... command) throws IOException {
    this.seconds = seconds;
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    process = builder.redirectErrorStream(true).start();
    input = new BufferedWriter(process.outputWriter(StandardCharsets.UTF_8));
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Rehearses the plugin of a contract in the other JVM.
   *
   * @param contract a class with a constructor without parameters
   */
  static synchronized List<String> perform(Class<?> contract)
      throws IOException, InterruptedException {
    SecondJvm jvm = running;
    if (jvm == null || !jvm.process.isAlive()) {
      jvm = new SecondJvm();
      running = jvm;
    }
    Path decisions = Files.createTempFile("forebay-decisions", ".txt");
    try {
      jvm.ask(contract, decisions);
      return Files.readAllLines(decisions);
    } catch (IOException | IllegalStateException e) {
      running = null; // it may be dying
      jvm.process.destroyForcibly();
      throw e;
    } finally {
      Files.delete(decisions);
    }
  }

  /**
   * Asks for the decisions of a contract's plugin.
   *
   * @throws IllegalStateException if it fails, has ended, or does not answer in time: the message
   *     holds what it said
   */
  void ask(Class<?> contract, Path decisions) throws InterruptedException {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread reader = new Thread(() -> answer.complete(answer()), "answers of the second JVM");
    reader.setDaemon(true);
    reader.start();
    try {
      input.write(contract.getName() + " " + decisions + "\n");
      input.flush();
    } catch (IOException e) {
      // it has ended: what it said before is its answer
    }
    try {
      String failure = answer.get(seconds, TimeUnit.SECONDS);
      if (!failure.isEmpty()) {
        throw new IllegalStateException("the second JVM failed: " + failure);
      }
    } catch (TimeoutException e) {
      process.destroyForcibly();
      throw new IllegalStateException("the second JVM took more than " + seconds + " s", e);
    } catch (ExecutionException e) {
      process.destroyForcibly();
      throw new IllegalStateException("the second JVM failed: " + e.getCause(), e);
    }
  }

  /** What it said before its last line: nothing if all went well. */
  private String answer() {
    StringBuilder said = new StringBuilder();
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.equals(DONE)) {
          return "";
        }
        if (line.startsWith(FAILED)) {
          return said + line.substring(FAILED.length());
        }
        said.append(line).append('\n'); // a plugin may print
      }
    } catch (IOException e) {
      said.append(e);
    }
    return said + "it ended";
  }

  /**
   * Writes the decisions of contracts' plugins to files. Each line of the input has the name of a
   * contract's class, a blank, and the file.
   */
  public static void main(String[] arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int end = line.indexOf(' ');
      try {
        rehearse(line.substring(0, end), Path.of(line.substring(end + 1)));
        System.out.println(DONE);
      } catch (Exception | LinkageError | AssertionError e) {
        e.printStackTrace(System.out);
        System.out.println(FAILED + e);
      }
    }
    System.exit(0); // whatever a plugin has left running
  }

  private static void rehearse(String name, Path decisions) throws Exception {
    Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    PluginContract<?> contract = (PluginContract<?>) constructor.newInstance();
    Files.write(
        decisions, Rehearsal.perform(contract.plugin(), contract.lend(TestContext.create())));
  }
}
