package dev.forebay.live;

import io.gatling.core.CoreComponents;
import io.gatling.core.action.Action;
import io.gatling.core.action.builder.ActionBuilder;
import io.gatling.core.controller.inject.open.OpenInjectionProfile;
import io.gatling.core.structure.ScenarioBuilder;
import io.gatling.core.structure.ScenarioContext;
import io.gatling.http.client.HttpClient;
import io.gatling.http.client.HttpClientConfig;
import io.gatling.http.client.impl.DefaultHttpClient;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Simulation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import scala.jdk.javaapi.CollectionConverters;

/** Gatling's simulation of a plan; the system properties of {@link LiveClient} say which. */
public final class TraceSimulation extends Simulation {

  private static final int CONNECT_MILLIS = 5_000;

  /** Shorter than any server here keeps an idle connection, so that none is found closed. */
  private static final int IDLE_MILLIS = 2_000;

  private final TraceRun run;

  /** Reads the plan. */
  public TraceSimulation() {
    Plan plan = Plan.read(file(LiveClient.PLAN));
    run = new TraceRun(plan, file(LiveClient.RESULTS));
    // Scala's own classes: those for Java have no place for another injection step.
    ScenarioBuilder scenario = new ScenarioBuilder("trace", list(new Asking(run)));
    OpenInjectionProfile arrivals = new OpenInjectionProfile(list(new Arrivals(plan)));
    setUp(new PopulationBuilder(scenario.inject(arrivals)));
  }

  @Override
  public void after() {
    run.close();
  }

  private static Path file(String property) {
    return Path.of(Objects.requireNonNull(System.getProperty(property), property));
  }

  private static <T> scala.collection.immutable.List<T> list(T only) {
    return CollectionConverters.asScala(List.of(only)).toList();
  }

  /** Builds the action. */
  private record Asking(TraceRun run) implements ActionBuilder {
    @Override
    public Action build(ScenarioContext context, Action next) {
      CoreComponents core = context.coreComponents();
      return new Ask(run, client(core), core, next);
    }

    private static HttpClient client(CoreComponents core) {
      return new DefaultHttpClient(
          new HttpClientConfig()
              .setConnectTimeout(CONNECT_MILLIS)
              .setDefaultCharset(StandardCharsets.UTF_8)
              .setUseNativeTransport(core.configuration().netty().useNativeTransport())
              .setUseIoUring(core.configuration().netty().useIoUring())
              .setChannelPoolIdleTimeout(IDLE_MILLIS));
    }
  }
}
