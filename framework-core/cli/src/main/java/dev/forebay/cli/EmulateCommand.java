package dev.forebay.cli;

import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.replay.run.DocumentKind;
import dev.forebay.server.ListenException;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorProfile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an emulated OpenAI-compatible upstream. */
@Command(
    name = "emulate",
    description =
        "Runs an emulated OpenAI-compatible upstream: capacity, queueing with keep-alives, 503,"
            + " 429, slow and cut streams, crashes.",
    footer = {
      "",
      "GET /emulator/log shows what happened to its requests.",
      "Example: forebay emulate examples/emulator.yaml --port 9001"
    })
final class EmulateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PROFILE.yaml",
      description = "what the upstream is like; without it, about one GPU, in good health")
  private @Nullable Path file;

  @Mixin private ListenAddress address = new ListenAddress();

  @Override
  public Integer call() throws InterruptedException {
    EmulatorProfile profile = profile();
    Vertx vertx = Vertx.vertx();
    try {
      Emulator emulator =
          Running.await(
              Emulator.start(vertx, profile)
                  .recover(
                      e ->
                          Future.failedFuture(
                              new ListenException("port", profile.host(), profile.port(), e))));
      PrintWriter out = spec.commandLine().getOut();
      out.println("forebay: listening on " + Running.url(profile.host(), emulator.port()));
      out.flush();
      return Running.untilStopped(emulator::close, () -> {}, spec.commandLine().getErr());
    } finally {
      vertx.close();
    }
  }

  private EmulatorProfile profile() {
    Mistakes mistakes = new Mistakes();
    Node read =
        file == null ? Node.of(Map.of(), "profile") : Node.read(file, System::getenv, mistakes);
    if (read.kind() != Node.Kind.NULL) {
      DocumentKind.PROFILE.check(read, mistakes);
    }
    EmulatorProfile profile =
        new OptionsReader()
            .read(
                EmulatorProfile.class,
                read.merge(Node.of(address.given(), "command line")),
                mistakes);
    mistakes.throwIfAny();
    return Objects.requireNonNull(profile);
  }
}
