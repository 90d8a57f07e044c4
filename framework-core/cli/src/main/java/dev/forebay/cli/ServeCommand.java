package dev.forebay.cli;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.edge.tls.TlsOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.replay.run.DocumentKind;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a gateway. */
@Command(
    name = "serve",
    description = "Runs a gateway.",
    footer = {
      "",
      "Once it accepts requests, stdout says where; Ctrl-C lets those under way end, then stops.",
      "A second Ctrl-C ends those under way with an error.",
      "On SIGHUP the file is read again: members, weights, limits, keys, prices and timeouts"
          + " change",
      "without a pause. A file that is wrong changes nothing.",
      "Example: forebay serve examples/simulated.yaml --port 8080"
    })
final class ServeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "GATEWAY.yaml", description = "the gateway")
  private Path file = Path.of("");

  @Mixin private ListenAddress address = new ListenAddress();

  @Mixin private PluginJars plugins = new PluginJars();

  @Option(names = "--watch", description = "reads the file again when it has changed")
  private boolean watch;

  @Option(
      names = "--until-input-ends",
      description =
          "ends at once when standard input does, for programs that start it as a process",
      hidden = true)
  private boolean untilInputEnds;

  @Option(names = "--check", description = "checks the file, and exits")
  private boolean check;

  private final CompletableFuture<Reloads> started = new CompletableFuture<>();

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    if (!check) {
      Running.onSignal(() -> started.thenAccept(Reloads::soon), "HUP"); // also while it starts
    }
    if (untilInputEnds) {
      Running.untilInputEnds();
    }
    Registry registry = plugins.registry(err);
    String seen = Reloads.content(file);
    GatewayDocument document = document(registry);
    Vertx vertx = Vertx.vertx();
    try {
      return check ? check(vertx, document) : serve(vertx, document, seen, registry, err);
    } finally {
      vertx.close();
    }
  }

  private GatewayDocument document(Registry registry) {
    Mistakes mistakes = new Mistakes();
    Node read = Node.read(file, System::getenv, mistakes);
    DocumentKind.GATEWAY.check(read, mistakes);
    return GatewayDocument.read(patched(read), registry, mistakes);
  }

  /** The file with what the flags say. */
  private Node patched(Node read) {
    Node http = read.get("http");
    Node.Kind kind = http == null ? Node.Kind.NULL : http.kind();
    boolean open = kind == Node.Kind.NULL || kind == Node.Kind.MAPPING;
    return open ? read.merge(flags()) : read;
  }

  private Node flags() {
    Map<String, Object> http = address.given();
    return Node.of(http.isEmpty() ? Map.of() : Map.of("http", http), "command line");
  }

  private int check(Vertx vertx, GatewayDocument document) throws InterruptedException {
    Host host = GatewayServer.host(vertx);
    Gateway gateway;
    try (StuckPlugins stuck = StuckPlugins.on(host, spec.commandLine().getErr())) {
      gateway = GatewayServer.gateway(document, host);
    }
    Running.await(gateway.close());
    TlsOptions tls = document.http().tls();
    if (tls != null) {
      tls.check(vertx);
    }
    say("forebay: " + file + " is right");
    return Main.OK;
  }

  private int serve(
      Vertx vertx, GatewayDocument document, String seen, Registry registry, PrintWriter err)
      throws InterruptedException {
    Host host = GatewayServer.host(vertx);
    StuckPlugins.onLoops(vertx, host);
    GatewayServer server;
    try (StuckPlugins stuck = StuckPlugins.on(host, err)) {
      server = Running.await(GatewayServer.start(vertx, document, host));
    }
    Reloads reloads = new Reloads(file, seen, () -> document(registry), server, err);
    started.complete(reloads);
    if (watch) {
      reloads.watch(vertx);
    }
    AdministrationOptions administration = document.administration();
    say("forebay: listening on " + Running.url(document.http().host(), server.port()));
    say(
        "forebay: administration on "
            + Running.url(administration.host(), server.administrationPort()));
    return Running.untilStopped(server::close, server::endDrain, err);
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
