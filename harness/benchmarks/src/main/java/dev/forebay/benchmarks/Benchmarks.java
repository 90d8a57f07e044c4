package dev.forebay.benchmarks;

import dev.forebay.replay.trace.TraceFormats;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The command line of the benchmarks; {@code harness/benchmarks/run} starts it. */
public final class Benchmarks {

  private static final String USAGE =
      """
      Usage: harness/benchmarks/run NAME [ARGUMENT...]
        throughput [REQUESTS [ROUNDS]]                 virtual time: content chunks per second (20000, 8)
        trace [FORMAT:PATH [LIMIT]]                    virtual time: a recorded trace, once, from a cold JVM
        load [whole|streamed [CONNECTIONS [ROUNDS [SECONDS [LOOPS [STARTS]]]]]]  gateway and bare proxy in turn, in processes started so many times (whole, 64, 7, 5, 1, 1)
        cache [whole|streamed [CONNECTIONS [ROUNDS [SECONDS]]]]  hits and misses of one gateway in turn (whole, 64, 5, 5)
        metrics [whole|streamed [CONNECTIONS [ROUNDS [SECONDS]]]]  a gateway with metrics, scraped each second, and without (whole, 64, 7, 5)
        scrape [ENDPOINTS [TENANTS [SCRAPES]]]         time of a scrape, and what event loops wait for it (1000, 200, 10)
        streams [COUNT [HEAP-MB [PAUSE-MS]]]           heap of open slow streams (1000, 512, 500)
        redis [SECONDS [REQUESTS/S]]                   Redis paused, killed, restarted under load (5, 200)
        ledger [RECORDS]                               a record on a request's path, and how many MariaDB takes a second (100000)
        ledger-faults [SECONDS [REQUESTS/S]]           requests while the ledger's database stands, is killed, is late (10, 200)
        llama-speed [FOLDER [f32|f16|q8_0|q4_0|all]]   a local model: size, memory, speed (/tmp, all)
        llama-agreement [FOLDER]                       its next tokens beside those of F32
        llama-gateway [FOLDER [ROUNDS]]                the gateway beside the library (/tmp, 7)
        soak [COUNT [SECONDS [gateway|bare]]]          heap and tokens' times of open streams, some read slowly (2000, 300, gateway)
        leave [TIMES]                                  how soon an upstream hears that a caller left (200)
        bodies [ROUNDS]                                how long event loops wait for hostile bodies of 8 MB (10)
        answers [ROUNDS]                               the same for hostile answers of an upstream (5)
        held [CALLERS [BYTES]]                         small requests while callers hold unfinished bodies, 256 MB heap (6000, 20000)
        jobs [JOBS]                                    virtual time: heap of a worker, and what a claim costs, of so many jobs that wait (1000000)
        keys [KEYS [FLOOD]]                            memory of so many live keys of a token bucket, and a flood of further ones (1000000, 10000000)
        semantic                                       false hits of the semantic cache on a small corpus
        jmh [ARGUMENT...]                              microbenchmarks; arguments of JMH, -h lists them
      """;

  private Benchmarks() {}

  /** Runs a benchmark. */
  public static void main(String[] arguments) throws Exception {
    try {
      run(arguments, System.out);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  static void run(String[] arguments, PrintStream out) throws Exception {
    String name = arguments.length == 0 ? "--help" : arguments[0];
    Rest rest = new Rest(List.of(arguments));
    switch (name) {
      case "throughput" -> VirtualSpeed.throughput(rest.number(1, 20_000), rest.number(2, 8), out);
      case "trace" ->
          VirtualSpeed.recorded(
              rest.text(1, "azure:../shared/traces/azure_conv.csv.gz"),
              rest.number(2, TraceFormats.ALL),
              out);
      case "load" ->
          Load.run(
              streamed(rest.text(1, "whole")),
              rest.number(2, 64),
              rest.number(3, 7),
              rest.number(4, 5),
              rest.number(5, 1),
              rest.number(6, 1),
              out);
      case "cache" ->
          CacheLoad.run(
              streamed(rest.text(1, "whole")),
              rest.number(2, 64),
              rest.number(3, 5),
              rest.number(4, 5),
              out);
      case "metrics" ->
          MetricsLoad.run(
              streamed(rest.text(1, "whole")),
              rest.number(2, 64),
              rest.number(3, 7),
              rest.number(4, 5),
              out);
      case "scrape" ->
          ScrapeCost.run(rest.number(1, 1000), rest.number(2, 200), rest.number(3, 10), out);
      case "streams" ->
          OpenStreams.run(rest.number(1, 1000), rest.number(2, 512), rest.number(3, 500), out);
      case "redis" -> RedisFaults.run(rest.number(1, 5), rest.number(2, 200), out);
      case "ledger" -> LedgerLoad.run(rest.number(1, 100_000), out);
      case "ledger-faults" -> LedgerFaults.run(rest.number(1, 10), rest.number(2, 200), out);
      case "llama-speed" ->
          LlamaBench.speed(Path.of(rest.text(1, "/tmp")), rest.text(2, "all"), out);
      case "llama-agreement" -> LlamaBench.agreement(Path.of(rest.text(1, "/tmp")), out);
      case "llama-gateway" ->
          LlamaGateway.run(Path.of(rest.text(1, "/tmp")), rest.number(2, 7), out);
      case "soak" ->
          Soak.run(rest.number(1, 2000), rest.number(2, 300), rest.text(3, "gateway"), out);
      case "leave" -> Leaving.run(rest.number(1, 200), out);
      case "bodies" -> HostileBodies.run(rest.number(1, 10), out);
      case "answers" -> HostileAnswers.run(rest.number(1, 5), out);
      case "held" -> HeldBodies.run(rest.number(1, 6000), rest.number(2, 20_000), out);
      case "jobs" -> JobBacklog.run(rest.number(1, 1_000_000), out);
      case "keys" -> ManyKeys.run(rest.number(1, 1_000_000), rest.number(2, 10_000_000), out);
      case "semantic" -> SemanticHits.run(out);
      case "jmh" -> org.openjdk.jmh.Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
      case "role" -> role(rest, arguments, out);
      case "--help", "-h" -> out.print(USAGE);
      default -> throw new IllegalArgumentException("benchmark: " + name + "\n" + USAGE);
    }
  }

  private static void role(Rest rest, String[] arguments, PrintStream out) throws Exception {
    switch (rest.text(1, "")) {
      case "llama-speed" ->
          LlamaEngine.speed(
              rest.text(2, ""), Boolean.parseBoolean(rest.text(3, "")), file(rest.text(4, "")));
      case "llama-hidden" ->
          LlamaEngine.hidden(rest.text(2, ""), rest.number(3, 1), file(rest.text(4, "")));
      default -> Roles.run(Arrays.copyOfRange(arguments, 1, arguments.length), out);
    }
  }

  private static PrintStream file(String path) throws IOException {
    return new PrintStream(path, StandardCharsets.UTF_8);
  }

  private static boolean streamed(String answers) {
    if (!answers.equals("whole") && !answers.equals("streamed")) {
      throw new IllegalArgumentException("answers: " + answers + " (expected: whole or streamed)");
    }
    return answers.equals("streamed");
  }

  private record Rest(List<String> arguments) {

    String text(int index, String absent) {
      return index < arguments.size() ? arguments.get(index) : absent;
    }

    int number(int index, int absent) {
      String text = text(index, "" + absent);
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(text + " (expected: a whole number)", e);
      }
    }
  }
}
