package dev.forebay.cli;

import dev.forebay.dialect.DeadLetterJson;
import dev.forebay.replay.warm.GatewayTarget;
import dev.forebay.replay.warm.WarmupRequest;
import dev.forebay.spi.policy.DeadLetter;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a running gateway gave up: looked at, sent again, or forgotten. */
@Command(
    name = "dead-letters",
    description = "Lists, sends again or forgets the requests that a running gateway gave up.",
    footer = {
      "",
      "The gateway keeps them if its pipeline begins with the stage dead-letters; with",
      "bodies: true they can be sent again.",
      "Example: forebay dead-letters replay --reason queue_full"
    },
    subcommands = {
      DeadLettersCommand.ListLetters.class,
      DeadLettersCommand.Replay.class,
      DeadLettersCommand.Drop.class
    })
final class DeadLettersCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no action (expected: list, replay or drop)");
  }

  /** Which letters. */
  static final class Selection {

    @Option(names = "--reason", paramLabel = "REASON", description = "only those of a reason")
    private @Nullable String reason;

    @Option(names = "--tenant", paramLabel = "NAME", description = "only those of a tenant")
    private @Nullable String tenant;

    @Option(
        names = "--most",
        paramLabel = "N",
        defaultValue = "100",
        description = "of the newest N, 1 to 10000 (default: ${DEFAULT-VALUE})")
    private int most = 100;

    List<JsonObject> of(GatewayTarget target, boolean bodies)
        throws IOException, InterruptedException {
      List<JsonObject> chosen = new ArrayList<>();
      for (JsonObject letter : target.letters(most, bodies)) {
        if ((reason == null || reason.equals(letter.getString("reason")))
            && (tenant == null || tenant.equals(letter.getString("tenant")))) {
          chosen.add(letter);
        }
      }
      return chosen;
    }
  }

  /** {@code list}. */
  @Command(name = "list", description = "Lists them, the newest first.")
  static final class ListLetters implements Callable<Integer> {

    enum Format {
      table,
      json
    }

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AdministrationTarget administration = new AdministrationTarget();
    @Mixin private Selection selection = new Selection();

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "table",
        description = "table, or json: a line for each (default: ${DEFAULT-VALUE})")
    private Format format = Format.table;

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      try (GatewayTarget target = administration.target()) {
        for (JsonObject letter : selection.of(target, false)) {
          out.println(format == Format.json ? letter.encode() : line(letter));
        }
      }
      out.flush();
      return Main.OK;
    }

    private static String line(JsonObject json) {
      DeadLetter letter = DeadLetterJson.read(json);
      return String.format(
          Locale.ROOT,
          "%s  %-14s %d  %s  class %d  tenant %s  model %s  %d prompt tokens  request %s%s",
          Instant.ofEpochMilli(letter.epochMillis()),
          letter.reason(),
          letter.status(),
          letter.id(),
          letter.priority(),
          letter.tenant(),
          letter.model(),
          letter.promptTokens(),
          letter.requestId(),
          json.getBoolean("replayable", false) ? "" : "  (without its body)");
    }
  }

  /** {@code replay}. */
  @Command(
      name = "replay",
      description =
          "Sends them again, the oldest first, as batch work, and forgets those that are answered.")
  static final class Replay implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AskingOptions asking = new AskingOptions();
    @Mixin private Selection selection = new Selection();

    @Override
    public Integer call() throws IOException, InterruptedException {
      int answered = 0;
      int failed = 0;
      int without = 0;
      int undropped = 0;
      int omitted = 0;
      try (GatewayTarget target = asking.target()) {
        for (JsonObject json : selection.of(target, true).reversed()) {
          DeadLetter letter = DeadLetterJson.read(json);
          if (json.getBoolean("omitted", false)) {
            omitted++;
          } else if (letter.body() == null) {
            without++;
          } else if (answered(target, letter)) {
            answered++;
            undropped += dropped(target, letter) ? 0 : 1;
          } else {
            failed++;
          }
        }
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          String.format(
              Locale.ROOT,
              "replayed: %d answered, %d failed and kept, %d without a body%s%s",
              answered,
              failed,
              without,
              undropped > 0 ? ", " + undropped + " answered and kept" : "",
              omitted > 0 ? ", " + omitted + " beyond 16 MiB: replay again" : ""));
      out.flush();
      return failed + undropped + omitted > 0 ? Main.FAILED : Main.OK;
    }

    private boolean dropped(GatewayTarget target, DeadLetter letter) throws InterruptedException {
      try {
        target.drop(letter.id());
        return true;
      } catch (IOException e) {
        told(letter, String.valueOf(e.getMessage()));
        return false;
      }
    }

    private void told(DeadLetter letter, String why) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("dead-letters: " + letter.id() + ": " + why);
      err.flush();
    }

    /** Whether one was answered; a gateway that cannot be reached gives no answer. */
    private boolean answered(GatewayTarget target, DeadLetter letter) throws InterruptedException {
      String body = String.valueOf(letter.body());
      try {
        String why = target.refusal(new WarmupRequest(letter.operation(), letter.tenant(), body));
        if (why != null) {
          told(letter, why);
        }
        return why == null;
      } catch (IOException e) {
        told(letter, String.valueOf(e.getMessage()));
        return false;
      }
    }
  }

  /** {@code drop}. */
  @Command(name = "drop", description = "Forgets letters.")
  static final class Drop implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private AdministrationTarget administration = new AdministrationTarget();
    @Mixin private Selection selection = new Selection();

    @ArgGroup(multiplicity = "1")
    private Which which = new Which();

    /** Some, or all that are selected. */
    static final class Which {
      @Parameters(paramLabel = "ID", arity = "1..*", description = "ids of letters")
      private @Nullable List<String> ids;

      @Option(names = "--all", description = "all that the other options select")
      private boolean all;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      int dropped = 0;
      int missing = 0;
      try (GatewayTarget target = administration.target()) {
        List<String> ids = which.ids == null ? List.of() : which.ids;
        if (which.all) {
          ids = selection.of(target, false).stream().map(each -> each.getString("id")).toList();
        }
        for (String id : ids) {
          if (target.drop(id)) {
            dropped++;
          } else {
            missing++;
          }
        }
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println("dropped: " + dropped + (missing > 0 ? ", " + missing + " were not there" : ""));
      out.flush();
      return missing > 0 ? Main.FAILED : Main.OK;
    }
  }
}
