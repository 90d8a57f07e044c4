package dev.forebay.replay.cli;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.replay.page.ReportPage;
import dev.forebay.replay.page.SweepPage;
import dev.forebay.replay.rules.AlertReport;
import dev.forebay.replay.rules.AlertRules;
import dev.forebay.replay.run.Ablation;
import dev.forebay.replay.run.Assertion;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.RunObserver;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.run.Sweep;
import dev.forebay.replay.run.SweepReport;
import dev.forebay.replay.run.TableReport;
import dev.forebay.replay.run.VllmReport;
import dev.forebay.replay.trace.TraceFormats;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The main job: runs combinations of plugins against one scenario, and compares them. */
@Command(
    name = "compare",
    description = "Runs combinations of plugins against one scenario and compares them.")
final class CompareCommand implements Callable<Integer> {

  /** The log of plugins that throw: the run fails and names them, so the log need not. */
  private static final String PLUGIN_LOG =
      "org.slf4j.simpleLogger.log.dev.forebay.core.PluginErrors";

  private static final String DEFAULT = "overload";

  /** What is run after it: a recorded trace, whose arrivals are the same under all seeds. */
  private static final String SECOND = "recorded";

  /** Seeds of the second scenario at most, so that both take less than a minute on two cores. */
  private static final int MOST_SECOND_SEEDS = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SCENARIO",
      description =
          "A built-in scenario or a YAML file; default: "
              + DEFAULT
              + ", and then "
              + SECOND
              + " under at most two seeds, unless an option is about one scenario (--trace,"
              + " --combination, --assert, --sweep, --ablate, --format json).")
  private @Nullable String scenario;

  @Option(
      names = "--trace",
      paramLabel = "FORMAT:PATH",
      description =
          "Replay this trace: azure, mooncake, servegen (RATES[,LENGTHS]), burstgpt, access-log or"
              + " jsonl; gzipped or not.")
  private @Nullable String trace;

  @Option(
      names = {"--limit", "--requests"},
      paramLabel = "N",
      description = "Replay N requests at most.")
  private @Nullable Integer limit;

  @Option(names = "--speed", paramLabel = "X", description = "Arrivals X times as fast.")
  private @Nullable Double speed;

  @Option(
      names = "--load",
      paramLabel = "X",
      description = "Scale arrivals so that they ask for X times what the fleet can do.")
  private @Nullable Double load;

  @Option(
      names = "--combination",
      paramLabel = "NAME",
      description = "Run only this one, beside the baseline; repeatable.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "First seed; default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Seeds S to S+N-1; default: ${DEFAULT-VALUE}, live 1.")
  private int seeds = 5;

  @Mixin private LiveMode live = new LiveMode();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Runs at a time; default: one for each processor.")
  private @Nullable Integer jobs;

  @Option(names = "--plugins", paramLabel = "DIR", description = "Adds the plugin jars in DIR.")
  private @Nullable Path plugins;

  @Option(
      names = "--assert",
      paramLabel = "CONDITION",
      description =
          "Such as 'everything.answeredOfOffered >= 0.99', on the mean over the seeds; exit code 1"
              + " when false; repeatable.")
  private List<String> conditions = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Writes report.json, report.csv and the page index.html into DIR; those of a second"
              + " scenario into a folder of its name there.")
  private @Nullable Path out;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "table, json, or vllm (the JSON of vllm bench serve, a line for each run), on standard"
              + " output; default: ${DEFAULT-VALUE}.")
  private String format = "table";

  @Option(
      names = "--sweep",
      paramLabel = "PARAMETER=VALUES",
      description =
          "Runs all for each of some values: load=0.5,1,2, or any value of the scenario by its"
              + " path, such as synthetic.rate-per-second=5,10 or fleet.*.server.slots=8,16; twice"
              + " for each pair of the values of two.")
  private List<String> sweep = new ArrayList<>();

  @Option(
      names = "--region",
      paramLabel = "CONDITION",
      description =
          "With --sweep: tells for which values all such conditions hold, as"
              + " 'recommended.answeredOfOffered >= 0.9995'; repeatable.")
  private List<String> region = new ArrayList<>();

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description =
          "Evaluates alert rules for Prometheus over each run, by promtool: would they have fired,"
              + " when, and how often in vain; repeatable, for recording rules.")
  private List<Path> rules = new ArrayList<>();

  @Option(
      names = "--ablate",
      description =
          "Runs each strategy of one combination alone, and the combination without it; of"
              + " --combination, or of 'everything'.")
  private boolean ablate;

  @Option(names = "--wide", description = "Every column, in lines as long as they take.")
  private boolean wide;

  @Option(
      names = "--list",
      description = "Lists the scenario, or all built-in ones, with their combinations, and exits.")
  private boolean list;

  @Override
  public Integer call() {
    checkOptions();
    Registry registry = PluginJars.registry(plugins, spec.commandLine().getErr());
    if (list) {
      ScenarioList.print(scenario, registry, spec.commandLine().getOut());
      return Main.OK;
    }
    ReportFolder folder = out == null ? null : ReportFolder.at(out);
    if (live.isLive()) {
      return live(read(name(), registry, d -> d), folder);
    }
    if (!sweep.isEmpty()) {
      return swept(sweep.stream().map(Sweep::parse).toList(), registry, folder);
    }
    int code = one(name(), registry, folder);
    if (!isBare()) {
      return code;
    }
    spec.commandLine().getOut().println();
    seeds = Math.min(seeds, MOST_SECOND_SEEDS);
    ReportFolder second = out == null ? null : ReportFolder.at(out.resolve(SECOND));
    return Math.max(code, one(SECOND, registry, second));
  }

  /** Whether neither a scenario is named nor anything that is about one. */
  private boolean isBare() {
    return scenario == null
        && trace == null
        && only.isEmpty()
        && conditions.isEmpty()
        && !ablate
        && format.equals("table");
  }

  private int one(String name, Registry registry, @Nullable ReportFolder folder) {
    Ablation ablation = ablate ? new Ablation(base()) : null;
    Scenario read = read(name, registry, ablation == null ? d -> d : ablation::document);
    List<Combination> chosen = chosen(read, ablation == null ? only : ablation.names());
    List<Assertion> assertions = assertions(conditions, chosen);
    int gateways = read.gateways();
    expect(rules.isEmpty() || gateways == 1, "--rules", rules, oneGateway(gateways));
    AlertRules alerts = alertRules();
    Report report = run(read, chosen, load, alerts == null ? null : alerts.scrapes());
    AlertReport fired = alerts == null ? null : alerts.replay(report.failed().keySet());
    if (folder != null) {
      folder.write(
          report, fired, ReportPage.of(report, Optional.ofNullable(ablation), command(name)));
    }
    show(report, fired);
    if (ablation != null && format.equals("table")) {
      spec.commandLine().getOut().print(ablation.text(report));
      spec.commandLine().getOut().flush();
    }
    return judge(report, assertions);
  }

  /** What repeats the comparison of a scenario, for a shell. */
  private String command(String name) {
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    return Shell.command(words, scenario == null ? name : null);
  }

  private int live(Scenario read, @Nullable ReportFolder folder) {
    List<Combination> chosen = chosen(read, only);
    List<Assertion> assertions = assertions(conditions, chosen);
    Workload workload = workload(read);
    boolean asked = spec.commandLine().getParseResult().hasMatchedOption("--seeds");
    LiveMode.Found found =
        live.run(
            read,
            name(),
            chosen,
            workload::trace,
            load(read, workload, load),
            LongStream.range(seed, seed + (asked ? seeds : 1)).boxed().toList(),
            limit,
            plugins,
            jobs == null ? Runtime.getRuntime().availableProcessors() : jobs,
            wide,
            new ProgressBar(spec.commandLine().getErr()));
    if (folder != null) {
      folder.write(found.json(), found.report());
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(found.text(format));
    stdout.flush();
    boolean doubtful = !assertions.isEmpty() && found.doubted(spec.commandLine().getErr());
    return Math.max(judge(found.report(), assertions), doubtful ? Main.FAILED : Main.OK);
  }

  private int swept(List<Sweep> sweeps, Registry registry, @Nullable ReportFolder folder) {
    Sweep first = sweeps.get(0);
    Sweep second = sweeps.size() < 2 ? null : sweeps.get(1);
    List<Sweep.Place> places = Sweep.places(first, second);
    List<Scenario> scenarios =
        places.stream().map(place -> read(name(), registry, place.change())).toList();
    List<Combination> some = chosen(scenarios.get(0), only);
    List<Assertion> assertions = assertions(conditions, some);
    List<Assertion> within = assertions(region, some);
    List<Report> reports = new ArrayList<>();
    for (int i = 0; i < scenarios.size(); i++) {
      Double at = places.get(i).load() == null ? load : places.get(i).load();
      reports.add(run(scenarios.get(i), chosen(scenarios.get(i), only), at, null));
    }
    SweepReport report = new SweepReport(first, second, within, reports);
    if (folder != null) {
      folder.write(report, SweepPage.of(report, command(name())));
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(
        format.equals("json")
            ? report.json().encodePrettily() + "\n"
            : report.table(wide, Terminal.colour()));
    stdout.flush();
    return reports.stream().mapToInt(each -> judge(each, assertions)).max().orElse(Main.OK);
  }

  private static String oneGateway(int gateways) {
    return "a scenario with one gateway; it has " + gateways;
  }

  private @Nullable AlertRules alertRules() {
    try {
      return rules.isEmpty() ? null : AlertRules.read(rules, System::getenv);
    } catch (IllegalArgumentException e) {
      throw new WrongInput(String.valueOf(e.getMessage()));
    }
  }

  private String name() {
    return scenario == null ? DEFAULT : scenario;
  }

  /** The combination to take apart. */
  private String base() {
    expect(only.size() <= 1, "--combination", only, "at most one with --ablate");
    return only.isEmpty() ? "everything" : only.get(0);
  }

  private static List<Assertion> assertions(List<String> texts, List<Combination> chosen) {
    List<String> names = chosen.stream().map(Combination::name).toList();
    return texts.stream().map(condition -> Assertion.parse(condition, names)).toList();
  }

  private Report run(
      Scenario read,
      List<Combination> chosen,
      @Nullable Double at,
      @Nullable RunObserver observer) {
    if (System.getProperty(PLUGIN_LOG) == null && System.getenv("FOREBAY_DEBUG") == null) {
      System.setProperty(PLUGIN_LOG, "off");
    }
    Workload workload = workload(read);
    return new Comparison(read, chosen)
        .observedBy(observer)
        .run(
            workload::trace,
            load(read, workload, at),
            LongStream.range(seed, seed + seeds).boxed().toList(),
            jobs == null ? Runtime.getRuntime().availableProcessors() : jobs,
            new ProgressBar(spec.commandLine().getErr()));
  }

  private Workload workload(Scenario read) {
    return Workload.of(
        read, trace, limit == null ? TraceFormats.ALL : limit, speed == null ? 1 : speed);
  }

  /** Recorded traces are scaled to the scenario's load, unless the caller says otherwise. */
  private double load(Scenario read, Workload workload, @Nullable Double at) {
    if (at != null) {
      return at;
    }
    return (workload.spec() != null || read.traceOptional()) && speed == null ? read.load() : 0;
  }

  private void show(Report report, @Nullable AlertReport fired) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (format.equals("json")) {
      stdout.println(ReportFolder.json(report, fired));
    } else if (format.equals("vllm")) {
      stdout.print(VllmReport.of(report));
    } else {
      stdout.print(TableReport.of(report, wide, Terminal.colour()));
      stdout.print(fired == null ? "" : "\n" + fired.table());
    }
    stdout.flush();
  }

  private int judge(Report report, List<Assertion> assertions) {
    int code = report.failed().isEmpty() ? Main.OK : Main.FAILED;
    if (code != Main.OK) {
      spec.commandLine()
          .getErr()
          .println("forebay: failed: " + String.join(", ", report.failed().keySet()));
    }
    for (Assertion assertion : assertions) {
      Assertion.Verdict verdict = assertion.check(report);
      if (!verdict.holds()) {
        spec.commandLine().getErr().println("forebay: assertion fell short: " + verdict.text());
        code = Main.FAILED;
      }
    }
    return code;
  }

  private static Scenario read(String name, Registry registry, UnaryOperator<Node> change) {
    return ScenarioReader.read(name, registry, System::getenv, change);
  }

  private static List<Combination> chosen(Scenario read, List<String> only) {
    List<String> names = read.combinations().stream().map(Combination::name).toList();
    for (String name : only) {
      expect(names.contains(name), "--combination", name, "one of " + String.join(", ", names));
    }
    return read.combinations().stream()
        .filter(
            combination ->
                only.isEmpty()
                    || only.contains(combination.name())
                    || combination.name().equals(ScenarioReader.BASELINE))
        .toList();
  }

  private void checkOptions() {
    String mistake = live.mistake();
    if (mistake != null) {
      throw new WrongInput(mistake);
    }
    boolean alone = sweep.isEmpty() && !ablate && rules.isEmpty();
    expect(!live.isLive() || alone, "--mode", "live", "no --sweep, --ablate or --rules");
    List<String> formats = List.of("table", "json", "vllm");
    expect(formats.contains(format), "--format", format, "table, json or vllm");
    expect(sweep.isEmpty() || !format.equals("vllm"), "--format", format, "not with --sweep");
    expect(seeds >= 1 && seeds <= 1000, "--seeds", seeds, "1 to 1000");
    expect(seed <= Long.MAX_VALUE - 1000, "--seed", seed, "at most " + (Long.MAX_VALUE - 1000));
    expect(limit == null || limit >= 1, "--limit", limit, "at least 1");
    expect(speed == null || (speed > 0 && speed <= 1e6), "--speed", speed, "above 0, to 1000000");
    expect(load == null || (load > 0 && load <= 1000), "--load", load, "above 0, to 1000");
    expect(speed == null || load == null, "--speed", speed, "either --speed or --load");
    expect(sweep.size() <= 2, "--sweep", sweep, "at most two parameters");
    expect(sweep.isEmpty() || !ablate, "--ablate", ablate, "either --sweep or --ablate");
    expect(sweep.isEmpty() || rules.isEmpty(), "--rules", rules, "either --sweep or --rules");
    expect(region.isEmpty() || !sweep.isEmpty(), "--region", region, "--sweep with it");
    List<Sweep> swept = sweep.stream().map(Sweep::parse).toList();
    long parameters = swept.stream().map(Sweep::parameter).distinct().count();
    expect(parameters == swept.size(), "--sweep", sweep, "two different parameters");
    boolean twice = swept.stream().anyMatch(Sweep::isLoad);
    expect(!twice || (load == null && speed == null), "--sweep", sweep, "no --load or --speed");
    expect(jobs == null || (jobs >= 1 && jobs <= 256), "--jobs", jobs, "1 to 256");
  }

  private static void expect(
      boolean holds, String option, @Nullable Object value, String expected) {
    if (!holds) {
      throw new WrongInput(option + ": " + value + " (expected: " + expected + ")");
    }
  }
}
