package dev.forebay.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Heard;
import dev.forebay.discovery.dns.Dns;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DnsTest extends NetworkContract {

  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofHours(1);

  private final NameServer names = new NameServer(vertx);

  @Override
  public Plugin<EndpointSource> plugin() {
    return addresses();
  }

  private Dns addresses() {
    return Dns.addresses("llm.internal", 8000).withServer(names.address()).ttl(OFTEN, LONG);
  }

  @Override
  public Outside outside() {
    return new Outside() {
      @Override
      public List<Instance> has(int instances) {
        List<Instance> all = new ArrayList<>();
        names.clear();
        for (int i = 0; i < instances; i++) {
          names.a(0, 10, 0, 0, i);
          all.add(Instance.at("10.0.0." + i, 8000));
        }
        return all;
      }

      @Override
      public void broken(boolean now) {
        names.broken(now);
      }

      @Override
      public long asked() {
        return names.asked();
      }

      @Override
      public long open() {
        return 0;
      }
    };
  }

  @Test
  void aListIsKeptForAsLongAsItsShortestLivedRecord() {
    names.a(60, 10, 0, 0, 1).a(1, 10, 0, 0, 2);
    Heard heard = Heard.by(stage(), plugin());
    heard.awaitThat(() -> heard.lists().size() == 1);
    assertEquals(1, names.asked());
    heard.awaitThat(() -> names.asked() == 2); // after a second, the TTL of the second record
    heard.close();
  }

  @Test
  void aTtlIsBoundedOnBothSides() {
    names.a(100_000, 10, 0, 0, 1);
    Heard heard = Heard.by(stage(), addresses().ttl(OFTEN, Duration.ofMillis(100)));
    heard.awaitThat(() -> names.asked() >= 3);
    heard.close();
  }

  @Test
  void addressesOfBothKindsAreOneList() {
    names.a(60, 10, 0, 0, 1).aaaa(60, 7);
    Heard heard = Heard.by(stage(), both());
    heard.awaitThat(() -> !heard.lists().isEmpty());
    assertEquals(
        List.of("10.0.0.1:8000", "[2001:db8:0:0:0:0:0:7]:8000"),
        heard.lists().getLast().stream().map(Instance::id).toList());
    heard.close();
  }

  private Plugin<EndpointSource> both() {
    return new Dns(
        "llm.internal.",
        List.of(Dns.Type.AAAA, Dns.Type.A),
        8000,
        names.address(),
        OFTEN,
        LONG,
        Duration.ofSeconds(5));
  }

  @Test
  void aNameWithoutRecordsOfOneTypeIsWell() {
    names.a(60, 10, 0, 0, 1);
    Heard heard = Heard.by(stage(), both());
    heard.await(List.of(Instance.at("10.0.0.1", 8000)));
    heard.close();
    names.clear().aaaa(60, 7);
    heard = Heard.by(stage(), both());
    heard.await(List.of(Instance.at("2001:db8:0:0:0:0:0:7", 8000)));
    assertEquals(List.of(), heard.failures());
    heard.close();
  }

  @Test
  void aNameWithoutRecordsOfAnyTypeIsAFailure() {
    names.srv(60, 10, 5, 9001, "a.llm.internal");
    Heard heard = Heard.by(stage(), both());
    assertTrue(heard.awaitFailure().endsWith("no such name, no such records, or no answer"));
    assertEquals(List.of(), heard.lists());
    heard.close();
  }

  @Test
  void aTypeThatIsRefusedIsAFailureAndNotAnEmptyOne() {
    names.a(60, 10, 0, 0, 1).refuse(NameServer.AAAA);
    Heard heard = Heard.by(stage(), both());
    heard.awaitFailure();
    assertEquals(List.of(), heard.lists());
    heard.close();
  }

  @Test
  void anAliasOfAnAliasIsFollowed() {
    names.a(60, 10, 0, 0, 1).aliases("llm.cluster.internal", "node.internal");
    Heard heard = Heard.by(stage(), plugin());
    heard.await(List.of(Instance.at("10.0.0.1", 8000)));
    heard.close();
  }

  /** The alias moves; the address that it stood for lives on for longer. */
  @Test
  void aListIsKeptNoLongerThanTheShortestLivedAliasOnTheWay() {
    names.a(60, 10, 0, 0, 1).aliases("llm.cluster.internal", "node.internal").aliasTtls(60L, 0L);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(List.of(Instance.at("10.0.0.1", 8000)));
    names.clear().a(60, 10, 0, 0, 2);
    heard.await(List.of(Instance.at("10.0.0.2", 8000)));
    heard.close();
  }

  @Test
  void anAliasThatIsToldWithoutItsRecordsIsAskedFor() {
    names.a(60, 10, 0, 0, 1).aliases("a.internal", "b.internal", "c.internal").oneByOne();
    Heard heard = Heard.by(stage(), plugin());
    heard.await(List.of(Instance.at("10.0.0.1", 8000)));
    assertEquals(3, names.asked());
    heard.close();
  }

  @Test
  void recordsThatRotateAreTheSameInstances() {
    names.a(0, 10, 0, 0, 1).a(0, 10, 0, 0, 2).a(0, 10, 0, 0, 3);
    Heard heard = Heard.by(stage(), plugin());
    heard.awaitThat(() -> heard.lists().stream().distinct().count() == 3);
    assertEquals(1, heard.lists().stream().map(Set::copyOf).distinct().count());
    heard.close();
  }

  @Test
  void servicesBringPortsWeightsAndGroups() {
    names
        .srv(60, 20, 0, 9003, "spare.llm.internal")
        .srv(60, 10, 5, 9001, "a.llm.internal")
        .srv(60, 10, 1, 9002, "b.llm.internal");
    Heard heard =
        Heard.by(
            stage(),
            Dns.services("_http._tcp.llm.internal").withServer(names.address()).ttl(OFTEN, LONG));
    heard.awaitThat(() -> !heard.lists().isEmpty());
    assertEquals(
        Set.of(
            Instance.at("spare.llm.internal", 9003).weighing(0.1).in(1),
            Instance.at("a.llm.internal", 9001).weighing(5),
            Instance.at("b.llm.internal", 9002)),
        Set.copyOf(heard.lists().getLast()));
    heard.close();
  }

  @Test
  void servicesWithoutAPortAreToldOf() {
    names.srv(60, 10, 5, 9001, "a.llm.internal").srv(60, 10, 5, 0, "b.llm.internal");
    Dns services =
        Dns.services("_http._tcp.llm.internal").withServer(names.address()).ttl(OFTEN, LONG);
    assertEquals(List.of("b.llm.internal:0: port: 0 (expected: 1 to 65535)"), leftOut(services));
    names.clear().srv(60, 10, 5, 0, "b.llm.internal");
    Heard heard = Heard.by(stage(), services);
    assertEquals(
        "DNS _http._tcp.llm.internal: no record can be used: port: 0 (expected: 1 to 65535)",
        heard.awaitFailure());
    heard.close();
  }

  @Test
  void aNameThatIsGoneIsAFailureAndNoEmptyList() {
    names.a(0, 10, 0, 0, 1);
    Heard heard = Heard.by(stage(), plugin());
    heard.awaitThat(() -> !heard.lists().isEmpty());
    names.clear();
    assertEquals(
        "DNS llm.internal: no such name, no such records, or no answer", heard.awaitFailure());
    assertTrue(heard.lists().stream().noneMatch(List::isEmpty));
    heard.close();
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Dns.addresses("llm.internal", 0));
    assertThrows(IllegalArgumentException.class, () -> Dns.addresses(" ", 80));
    assertThrows(IllegalArgumentException.class, () -> Dns.addresses("a", 80).ttl(LONG, OFTEN));
    assertThrows(
        IllegalArgumentException.class, () -> Dns.addresses("a", 80).withServer("nowhere"));
  }
}
