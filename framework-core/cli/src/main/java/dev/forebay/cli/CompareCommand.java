package dev.forebay.cli;

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
import dev.forebay.spi.options.Names;
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
          "a built-in scenario or a YAML file; default: "
              + DEFAULT
              + ", and then "
              + SECOND
              + " under at most two seeds, unless an option is about one scenario (--trace,"
              + " --combination, --assert, --sweep, --ablate, --mode live, --format json)")
  private @Nullable String scenario;

  @Mixin private TrafficOptions traffic = new TrafficOptions();

  @Option(
      names = "--combination",
      paramLabel = "NAME",
      description = "runs only this one, beside the baseline; repeatable")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "first seed; default: ${DEFAULT-VALUE}")
  private long seed = 1;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "seeds S to S+N-1; default: ${DEFAULT-VALUE}, live 1")
  private int seeds = 5;

  @Mixin private LiveMode live = new LiveMode();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "runs at a time; default: one for each processor")
  private @Nullable Integer jobs;

  @Mixin private PluginJars plugins = new PluginJars();

  @Option(
      names = "--assert",
      paramLabel = "CONDITION",
      description =
          "such as 'everything.answeredOfOffered >= 0.99', on the mean over the seeds; exit code 1"
              + " when false; repeatable")
  private List<String> conditions = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "writes report.json, report.csv and the page index.html into DIR; those of a second"
              + " scenario into a folder of its name there")
  private @Nullable Path out;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "table, json, or vllm (the JSON of vllm bench serve, a line for each run), on standard"
              + " output; default: ${DEFAULT-VALUE}")
  private String format = "table";

  @Mixin private SweepOptions sweep = new SweepOptions();

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description =
          "evaluates alert rules for Prometheus over each run, by promtool: would they have fired,"
              + " when, and how often in vain; repeatable, for recording rules")
  private List<Path> rules = new ArrayList<>();

  @Option(
      names = "--ablate",
      description =
          "runs each strategy of one combination alone, and the combination without it; of"
              + " --combination, or of 'everything'")
  private boolean ablate;

  @Option(names = "--wide", description = "every column, in lines as long as they take")
  private boolean wide;

  @Option(
      names = "--list",
      description = "lists the scenario, or all built-in ones, with their combinations, and exits")
  private boolean list;

  @Override
  public Integer call() {
    checkOptions();
    Registry registry = plugins.registry(spec.commandLine().getErr());
    if (list) {
      ScenarioList.print(scenario, registry, spec.commandLine().getOut());
      return Main.OK;
    }
    ReportFolder folder = out == null ? null : ReportFolder.at(out);
    if (live.isLive()) {
      return live(read(name(), registry, d -> d), folder);
    }
    if (!sweep.isEmpty()) {
      return swept(sweep.parameters(), registry, folder);
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
        && !traffic.isTraced()
        && only.isEmpty()
        && conditions.isEmpty()
        && !ablate
        && format.equals("table");
  }

  private int one(String name, Registry registry, @Nullable ReportFolder folder) {
    Ablation ablation = ablate ? new Ablation(base()) : null;
    Scenario read = read(name, registry, ablation == null ? d -> d : ablation::document);
    List<Combination> chosen = chosen(read, ablation == null ? only : ablation.names());
    Judge judge = judge(chosen);
    int gateways = read.gateways();
    WrongInput.unless(rules.isEmpty() || gateways == 1, "--rules", rules, oneGateway(gateways));
    AlertRules alerts = alertRules();
    Report report = run(read, chosen, null, alerts == null ? null : alerts.scrapes());
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
    return judge.code(report);
  }

  /** What repeats the comparison of a scenario, for a shell. */
  private String command(String name) {
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    return Shell.command(words, scenario == null ? name : null);
  }

  private int live(Scenario read, @Nullable ReportFolder folder) {
    List<Combination> chosen = chosen(read, only);
    Judge judge = judge(chosen);
    Workload workload = traffic.workload(read);
    boolean asked = spec.commandLine().getParseResult().hasMatchedOption("--seeds");
    LiveMode.Found found =
        live.run(
            read,
            name(),
            chosen,
            workload::trace,
            traffic.load(read, workload),
            LongStream.range(seed, seed + (asked ? seeds : 1)).boxed().toList(),
            traffic.limit(),
            plugins.folder(),
            jobs == null ? Runtime.getRuntime().availableProcessors() : jobs,
            new ProgressBar(spec.commandLine().getErr()));
    if (folder != null) {
      folder.write(found.json(), found.live().report(), found.page(command(name())));
    }
    PrintWriter stdout = spec.commandLine().getOut();
    stdout.print(found.text(format, wide));
    stdout.flush();
    return judge.code(found.live().report(), found.live().warnings());
  }

  private int swept(List<Sweep> sweeps, Registry registry, @Nullable ReportFolder folder) {
    Sweep first = sweeps.get(0);
    Sweep second = sweeps.size() < 2 ? null : sweeps.get(1);
    List<Sweep.Place> places = Sweep.places(first, second);
    List<Scenario> scenarios =
        places.stream().map(place -> read(name(), registry, place.change())).toList();
    List<Combination> some = chosen(scenarios.get(0), only);
    Judge judge = judge(some);
    List<Assertion> within = assertions(sweep.region(), some);
    List<Report> reports = new ArrayList<>();
    for (int i = 0; i < scenarios.size(); i++) {
      Double at = places.get(i).load();
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
    return reports.stream().mapToInt(judge::code).max().orElse(Main.OK);
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
    WrongInput.unless(only.size() <= 1, "--combination", only, "at most one with --ablate");
    return only.isEmpty() ? "everything" : only.get(0);
  }

  private Judge judge(List<Combination> chosen) {
    return new Judge(assertions(conditions, chosen), spec.commandLine().getErr());
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
    Workload workload = traffic.workload(read);
    return new Comparison(read, chosen)
        .observedBy(observer)
        .run(
            workload::trace,
            at == null ? traffic.load(read, workload) : at,
            LongStream.range(seed, seed + seeds).boxed().toList(),
            jobs == null ? Runtime.getRuntime().availableProcessors() : jobs,
            new ProgressBar(spec.commandLine().getErr()));
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

  private static Scenario read(String name, Registry registry, UnaryOperator<Node> change) {
    return ScenarioReader.read(name, registry, System::getenv, change);
  }

  private static List<Combination> chosen(Scenario read, List<String> only) {
    List<String> names = read.combinations().stream().map(Combination::name).toList();
    for (String name : only) {
      WrongInput.unless(names.contains(name), "--combination", name, Names.oneOf(names, name));
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
    live.check(spec.commandLine().getParseResult());
    boolean alone = sweep.isEmpty() && !ablate && rules.isEmpty();
    WrongInput.unless(!live.isLive() || alone, "--mode", "live", "no --sweep, --ablate or --rules");
    List<String> formats = List.of("table", "json", "vllm");
    WrongInput.unless(formats.contains(format), "--format", format, "table, json or vllm");
    WrongInput.unless(
        sweep.isEmpty() || !format.equals("vllm"), "--format", format, "not with --sweep");
    WrongInput.unless(seeds >= 1 && seeds <= 1000, "--seeds", seeds, "1 to 1000");
    WrongInput.unless(
        seed <= Long.MAX_VALUE - 1000, "--seed", seed, "at most " + (Long.MAX_VALUE - 1000));
    traffic.check();
    WrongInput.unless(sweep.isEmpty() || !ablate, "--ablate", ablate, "either --sweep or --ablate");
    WrongInput.unless(
        sweep.isEmpty() || rules.isEmpty(), "--rules", rules, "either --sweep or --rules");
    sweep.check(traffic.isPaced());
    WrongInput.unless(jobs == null || (jobs >= 1 && jobs <= 256), "--jobs", jobs, "1 to 256");
  }
}
