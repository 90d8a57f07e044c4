package dev.forebay.cli;

import dev.forebay.replay.warm.GatewayTarget;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The jobs of a gateway: looked at, cancelled, or begun again. */
@Command(
    name = "jobs",
    description = "Lists, shows, cancels or begins again the jobs of a gateway.",
    footer = {
      "",
      "Any gateway or worker with the same store can be asked.",
      "Example: forebay jobs list --state dead"
    },
    subcommands = {
      JobsCommand.ListJobs.class,
      JobsCommand.Show.class,
      JobsCommand.Cancel.class,
      JobsCommand.Retry.class
    })
final class JobsCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no action (expected: list, show, cancel or retry)");
  }

  /** Which gateway. */
  static final class Asked {

    @Mixin private final AdministrationTarget administration = new AdministrationTarget();

    String ask(HttpMethod method, String path) throws IOException, InterruptedException {
      try (GatewayTarget target = administration.target()) {
        return target.jobs(method, path);
      }
    }

    /** Does one thing to each job; says what has become of it. */
    int each(List<String> ids, HttpMethod method, String action, PrintWriter out, PrintWriter err)
        throws InterruptedException {
      int failed = 0;
      for (String id : ids) {
        try {
          out.println(line(new JsonObject(ask(method, "/jobs/" + encoded(id) + action))));
        } catch (IOException e) {
          err.println("forebay: " + id + ": " + e.getMessage());
          failed++;
        }
      }
      out.flush();
      err.flush();
      return failed > 0 ? Main.FAILED : Main.OK;
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String line(JsonObject job) {
    return String.format(
        Locale.ROOT,
        "%s  %-9s %s  %d tries  tenant %s  model %s%s",
        Instant.ofEpochSecond(job.getLong("created_at")),
        job.getString("state"),
        job.getString("id"),
        job.getInteger("attempts"),
        job.getString("tenant"),
        job.getString("model"),
        job.containsKey("reason") ? "  " + job.getString("reason") : "");
  }

  /** {@code list}. */
  @Command(name = "list", description = "Lists them, the newest first.")
  static final class ListJobs implements Callable<Integer> {

    enum Format {
      table,
      json
    }

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Asked asked = new Asked();

    @Option(
        names = "--state",
        paramLabel = "STATE",
        description = "only those: queued, running, done, failed, dead or cancelled")
    private @Nullable String state;

    @Option(names = "--tenant", paramLabel = "NAME", description = "only those of a tenant")
    private @Nullable String tenant;

    @Option(
        names = "--most",
        paramLabel = "N",
        defaultValue = "100",
        description = "the newest N, 1 to 1000 (default: ${DEFAULT-VALUE})")
    private int most = 100;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "table",
        description = "table, or json: a line for each (default: ${DEFAULT-VALUE})")
    private Format format = Format.table;

    @Override
    public Integer call() throws IOException, InterruptedException {
      String query =
          "/jobs?most="
              + most
              + (state == null ? "" : "&state=" + encoded(state))
              + (tenant == null ? "" : "&tenant=" + encoded(tenant));
      PrintWriter out = spec.commandLine().getOut();
      asked
          .ask(HttpMethod.GET, query)
          .lines()
          .forEach(job -> out.println(format == Format.json ? job : line(new JsonObject(job))));
      out.flush();
      return Main.OK;
    }
  }

  /** {@code show}. */
  @Command(name = "show", description = "Shows a job as JSON.")
  static final class Show implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Asked asked = new Asked();

    @Parameters(index = "0", paramLabel = "ID", description = "id of a job")
    private String id = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      JsonObject job = new JsonObject(asked.ask(HttpMethod.GET, "/jobs/" + encoded(id)));
      out.println(job.encodePrettily());
      out.flush();
      return Main.OK;
    }
  }

  /** {@code cancel}. */
  @Command(name = "cancel", description = "Cancels jobs, also those that run.")
  static final class Cancel implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Asked asked = new Asked();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "ids of jobs")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws InterruptedException {
      return asked.each(
          ids, HttpMethod.DELETE, "", spec.commandLine().getOut(), spec.commandLine().getErr());
    }
  }

  /** {@code retry}. */
  @Command(name = "retry", description = "Begins jobs again that are over, with all their tries.")
  static final class Retry implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Asked asked = new Asked();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "ids of jobs")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws InterruptedException {
      return asked.each(
          ids, HttpMethod.POST, "/retry", spec.commandLine().getOut(), spec.commandLine().getErr());
    }
  }
}
