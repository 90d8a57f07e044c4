package dev.forebay.cli;

import dev.forebay.config.ConfigException;
import dev.forebay.replay.trace.TraceException;
import dev.forebay.spi.options.FileError;
import dev.forebay.spi.options.Names;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code forebay}: results on stdout, everything else on stderr. Exit codes: 0 done, 1
 * the run failed or a check fell short, 2 the arguments or a file are wrong.
 */
@Command(
    name = "forebay",
    description = "Gateways that stay available and fast in front of overloaded inference servers.",
    subcommands = {
      CompareCommand.class,
      DiffCommand.class,
      CalibrateCommand.class,
      ServeCommand.class,
      WorkerCommand.class,
      EmulateCommand.class,
      PluginsCommand.class,
      SchemaCommand.class,
      HashKeyCommand.class,
      TraceCommand.class,
      WarmCommand.class,
      DeadLettersCommand.class,
      KeysCommand.class,
      LedgerCommand.class,
      UsageCommand.class,
      AuditCommand.class,
      JobsCommand.class,
      LiveUpstreamCommand.class,
      QuantizeCommand.class,
      RandomModelCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = CommandLine.ScopeType.INHERIT,
    version = "forebay 0.1.0")
public final class Main implements Runnable {
  /** Done. */
  public static final int OK = 0;

  /** The run failed, or a check fell short. */
  public static final int FAILED = 1;

  /** The arguments or a file are wrong. */
  public static final int WRONG_INPUT = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(out, err, System.getenv(), args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** Runs a command and returns its exit code. */
  public static int run(
      PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
    CommandLine line = new CommandLine(new Main());
    line.setOut(out);
    line.setErr(err);
    boolean plain = environment.containsKey("NO_COLOR");
    line.setColorScheme(CommandLine.Help.defaultColorScheme(plain ? Ansi.OFF : Ansi.AUTO));
    boolean debug = "1".equals(environment.get("FOREBAY_DEBUG"));
    line.registerConverter(URI.class, WrongValue::url);
    line.setParameterExceptionHandler((e, wrong) -> parameter(e, debug));
    line.setExecutionExceptionHandler((e, failed, parsed) -> failure(e, failed, debug));
    if (args.length > 0
        && !args[0].startsWith("-")
        && !line.getSubcommands().containsKey(args[0])) {
      List<String> known = List.copyOf(line.getSubcommands().keySet());
      return parameter(
          new ParameterException(
              line, "command: " + args[0] + " (expected: " + Names.oneOf(known, args[0]) + ")"),
          debug);
    }
    return line.execute(args);
  }

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command (expected: " + String.join(", ", spec.subcommands().keySet()) + ")");
  }

  private static int parameter(ParameterException e, boolean debug) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String wrongValue = WrongValue.line(e);
    String line = wrongValue == null ? oneLine(e) : wrongValue;
    show(e, line + "; see " + name + " --help", command.getErr(), debug);
    return WRONG_INPUT;
  }

  private static int failure(Exception e, CommandLine command, boolean debug) {
    boolean wrong =
        e instanceof TraceException
            || e instanceof WrongInput
            || e instanceof ConfigException
            || e instanceof IllegalArgumentException;
    String line = e instanceof ConfigException ? String.valueOf(e.getMessage()) : oneLine(e);
    show(e, line, command.getErr(), debug);
    return wrong ? WRONG_INPUT : FAILED;
  }

  private static void show(Exception e, String line, PrintWriter err, boolean debug) {
    err.println("forebay: " + line);
    if (debug) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  private static String oneLine(Exception e) {
    String message =
        e instanceof FileSystemException of
            ? of.getFile() + ": " + FileError.words(of)
            : e.getMessage();
    return message == null
        ? e.getClass().getSimpleName() + " (FOREBAY_DEBUG=1 shows where)"
        : message.replaceAll("\\s*\\R\\s*", " ");
  }
}
