package dev.forebay.cli;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.gateway.Host;
import dev.forebay.replay.run.DocumentKind;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Works on jobs by the pipeline of a gateway. */
@Command(
    name = "worker",
    description = "Works on jobs by the pipeline of a gateway, without a port for callers.",
    footer = {
      "",
      "The file is that of the gateway, with a section jobs; as many jobs run at once as its",
      "workers say. Ctrl-C lets running jobs end for a while, and gives the rest back.",
      "Example: JOB_WORKERS=16 forebay worker gateway.yaml"
    })
final class WorkerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "GATEWAY.yaml", description = "the gateway")
  private Path file = Path.of("");

  @Mixin private PluginJars plugins = new PluginJars();

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Mistakes mistakes = new Mistakes();
    Node read = Node.read(file, System::getenv, mistakes);
    DocumentKind.GATEWAY.check(read, mistakes);
    GatewayDocument document = GatewayDocument.read(read, plugins.registry(err), mistakes);
    if (document.blueprint().sections().stream()
        .noneMatch(section -> Plugins.name(section).equals("jobs"))) {
      throw new WrongInput(file + ": no section jobs (expected: one, with workers)");
    }
    Vertx vertx = Vertx.vertx();
    try {
      return work(vertx, document, err);
    } finally {
      vertx.close();
    }
  }

  private int work(Vertx vertx, GatewayDocument document, PrintWriter err)
      throws InterruptedException {
    Host host = GatewayServer.host(vertx);
    StuckPlugins.onLoops(vertx, host);
    GatewayServer server;
    try (StuckPlugins stuck = StuckPlugins.on(host, err)) {
      server = Running.await(GatewayServer.work(vertx, document, host));
    }
    AdministrationOptions administration = document.administration();
    PrintWriter out = spec.commandLine().getOut();
    out.println("forebay: working on jobs");
    out.println(
        "forebay: administration on "
            + Running.url(administration.host(), server.administrationPort()));
    out.flush();
    return Running.untilStopped(server::close, server::endDrain, err);
  }
}
