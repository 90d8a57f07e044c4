package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.balancing.Membership;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import dev.forebay.spi.state.DiscoveryState;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Members that a source tells of. */
class MembershipTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final Source source = new Source();
  private final Map<String, Scripted> made = new LinkedHashMap<>();
  private final List<Scripted> all = new ArrayList<>();
  private final Gateway gateway = gateway(new Membership.Options(3, false));

  private static final class Source implements EndpointSource {
    private @Nullable Watcher watcher;
    private boolean closed;

    @Override
    public void watch(Watcher who) {
      watcher = who;
    }

    @Override
    public Future<Void> close() {
      closed = true;
      return Future.succeededFuture();
    }

    void tell(Instance... instances) {
      watcher().members(List.of(instances));
    }

    Watcher watcher() {
      Watcher who = watcher;
      if (who == null) {
        throw new IllegalStateException("nobody watches");
      }
      return who;
    }
  }

  private Gateway gateway(Membership.Options options) {
    return Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
        .pipeline(
            p ->
                p.discover(
                        NamedPlugin.of(EndpointSource.class, "source", context -> source),
                        this::template,
                        options)
                    .balance(
                        NamedPlugin.of(
                            dev.forebay.spi.policy.Balancer.class,
                            "least",
                            context -> new Fakes.Least())))
        .build();
  }

  private Plugin<Backend> template(Instance instance) {
    if (instance.host().equals("odd")) {
      throw new IllegalArgumentException("url: odd (expected: another)");
    }
    return NamedPlugin.of(
        Backend.class,
        "scripted",
        context -> {
          Scripted backend = new Scripted(instance.id(), self -> self.streams(10, millis(10)));
          made.put(instance.id(), backend);
          all.add(backend);
          return backend;
        });
  }

  private static Instance at(int number) {
    return Instance.at("10.0.0." + number, 80);
  }

  private Client send() {
    return Client.send(gateway, Fakes.request(time, "r"), 0);
  }

  private DiscoveryState discovery() {
    return gateway.discovery("default").orElseThrow();
  }

  private List<EndpointFigures> endpoints() {
    return gateway.pool("default").state().endpoints();
  }

  private Scripted backend(int number) {
    Scripted backend = made.get(at(number).id());
    assertNotNull(backend);
    return backend;
  }

  @Test
  void withoutAListThereIsNobodyToAsk() {
    assertEquals("waiting", discovery().state().toString());
    assertFalse(gateway.ready());
    assertEquals("no_endpoint", send().reason());
  }

  @Test
  void thoseThatStayKeepTheirBackendsAndWhatTheyHaveUnderWay() {
    source.tell(at(1), at(2));
    send();
    send();
    Scripted stays = backend(2);
    source.tell(at(2), at(3));
    assertEquals(List.of("10.0.0.2:80", "10.0.0.3:80"), ids());
    assertSame(stays, backend(2), "it was not made again");
    assertEquals(1, endpoints().get(0).inFlight());
    assertEquals("source", endpoints().get(0).source());
    assertFalse(backend(1).closed, "a request runs on it");
    time.run();
    assertTrue(backend(1).closed);
    assertEquals("current", discovery().state().toString());
  }

  @Test
  void anotherOrderIsNoChange() {
    source.tell(at(1), at(2));
    source.tell(at(2), at(1));
    assertEquals(1L, gateway.counters().get("discover.changes"));
    assertEquals(2L, gateway.counters().get("discover.lists"));
    source.tell(at(2).weighing(2), at(1));
    assertEquals(2L, gateway.counters().get("discover.changes"));
  }

  @Test
  void aChangedWeightOrGroupMakesNothingAnew() {
    source.tell(at(1), at(2));
    source.tell(at(1).weighing(3), at(2).in(1));
    assertEquals(2, all.size());
    assertEquals(3.0, endpoints().get(0).weight());
    assertEquals(1, endpoints().get(1).group());
  }

  @Test
  void anInstanceThatMovedIsServedByANewBackend() {
    source.tell(at(1).named("a"));
    Scripted before = all.get(0);
    source.tell(at(2).named("a"));
    assertEquals(2, all.size());
    assertTrue(before.closed);
    assertEquals(List.of("a"), ids());
  }

  @Test
  void whileTheSourceFailsTheLastListHolds() {
    source.tell(at(1), at(2));
    time.runUntil(millis(1000));
    source.watcher().failed("no leader");
    time.runUntil(millis(4000));
    assertEquals("failing", discovery().state().toString());
    assertEquals("no leader", discovery().why());
    assertEquals(3000L, discovery().forMillis());
    assertEquals(1.0, gateway.gauges().get("discover.failing"));
    assertEquals(1L, gateway.counters().get("discover.failures"));
    Client client = send();
    time.run();
    assertTrue(client.ok());
    source.tell(at(1), at(2));
    assertEquals("current", discovery().state().toString());
    assertEquals(1L, gateway.counters().get("discover.changes"), "the list is the same");
  }

  @Test
  void listsThatCannotBeUsedChangeNothing() {
    source.tell(at(1), at(2));
    refused("an empty list (expected: at least one instance, or accept-empty: true)");
    refused("4 instances (expected: at most max-members, 3)", at(1), at(2), at(3), at(4));
    refused("id 10.0.0.1:80 twice (expected: unique ids)", at(1), at(1));
    refused("its list cannot be used: url: odd (expected: another)", Instance.at("odd", 80));
    assertEquals(0L, gateway.counters().get("plugin.errors"));
  }

  @Test
  void oneThatCannotBeUsedLeavesTheOthers() {
    source.tell(at(1), at(2));
    source.tell(Instance.at("odd", 80), at(2), at(3));
    assertEquals("current", discovery().state().toString());
    assertEquals("odd:80: url: odd (expected: another)", discovery().leftOut());
    assertEquals(List.of("10.0.0.2:80", "10.0.0.3:80"), ids());
    source.tell(at(2), at(3));
    assertEquals(null, discovery().leftOut());
    assertEquals(List.of("10.0.0.2:80", "10.0.0.3:80"), ids());
  }

  @Test
  void whatTheSourceLeavesOutIsShownAndLoggedInOneLine() {
    List<String> wrong = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      wrong.add("entry " + i);
    }
    Instance[] list = {Instance.at("odd", 80), at(2)};
    String log =
        Fakes.logged(
            () -> {
              source.watcher().members(List.of(list), wrong);
              source.watcher().members(List.of(list), wrong);
            });
    String all = String.valueOf(discovery().leftOut());
    assertEquals("current", discovery().state().toString());
    assertTrue(all.startsWith("entry 1; entry 2; "), all);
    assertTrue(all.endsWith("; entry 10; 2 more; odd:80: url: odd (expected: another)"), all);
    String told = "left out, the others are used: entry 1; ";
    assertEquals(1, log.lines().filter(line -> line.contains(told)).count(), log);
    source.tell(at(2));
    assertEquals(null, discovery().leftOut());
  }

  private void refused(String why, Instance... list) {
    source.tell(list);
    assertEquals(why, discovery().why());
    assertEquals(List.of("10.0.0.1:80", "10.0.0.2:80"), ids());
  }

  @Test
  void anEmptyListIsTakenWhereThatIsAskedFor() {
    Gateway trusting = gateway(new Membership.Options(3, true));
    source.tell(at(1));
    source.tell();
    assertEquals("current", trusting.discovery("default").orElseThrow().state().toString());
    assertEquals("no_endpoint", Client.send(trusting, Fakes.request(time, "r"), 0).reason());
  }

  @Test
  void aSourceThatIsClosedIsHeardNoMore() {
    source.tell(at(1));
    gateway.close();
    assertTrue(source.closed);
    source.tell(at(2));
    assertEquals(1, all.size());
  }

  private List<String> ids() {
    return endpoints().stream().map(EndpointFigures::id).toList();
  }
}
