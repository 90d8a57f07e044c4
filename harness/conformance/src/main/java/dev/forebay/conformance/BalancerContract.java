package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for balancers: B1 and following of {@code docs/spec.md}. */
public interface BalancerContract extends PluginContract<Balancer> {

  /**
   * How many times its share of the open requests an endpoint may have for affinity's sake (2); at
   * least 1.
   */
  default double loadBound() {
    return 2;
  }

  private Balancer balancer() {
    return plugin().create(TestContext.create());
  }

  private static RequestInfo request(int number) {
    return Requests.chat("r" + number, Requests.caller(number), number)
        .withPrompt(Requests.PROMPT_TOKENS, Requests.key(number), Requests.prefix(number, 4));
  }

  /** B1: the choice is one of the candidates, for any number of them. */
  @Test
  default void b1_choosesOneOfTheCandidates() {
    Rule.check(
        this,
        "B1",
        () -> {
          Balancer balancer = balancer();
          List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 8));
          balancer.members(all);
          for (int i = 0; i < 400; i++) {
            List<Endpoint> candidates = all.subList(i % 3, i % 3 + 1 + i % 6);
            FakePool.choose(balancer, request(i), candidates);
          }
        });
  }

  /** B2: no figure of an endpoint breaks a choice. */
  @Test
  default void b2_choosesWhateverTheFiguresAre() {
    Rule.check(
        this,
        "B2",
        () -> {
          List<Endpoint> odd =
              List.of(
                  FakeEndpoint.of("new"),
                  FakeEndpoint.of("full")
                      .inFlight(Integer.MAX_VALUE)
                      .inFlightTokens(Long.MAX_VALUE)
                      .firstContentNanos(Long.MAX_VALUE)
                      .errorRate(1)
                      .reportedLoad(Double.MAX_VALUE, 0),
                  FakeEndpoint.of("nan").reportedLoad(Double.NaN, 0).weight(Double.MIN_VALUE),
                  FakeEndpoint.of("heavy").weight(1e9).reportedLoad(0, Long.MAX_VALUE));
          for (int first = 0; first < odd.size(); first++) {
            for (int last = first + 1; last <= odd.size(); last++) {
              Balancer balancer = balancer();
              balancer.members(odd);
              for (int i = 0; i < 50; i++) {
                List<Endpoint> candidates = odd.subList(first, last);
                FakePool.choose(balancer, request(i), candidates);
              }
            }
          }
        });
  }

  /** B3: the same inputs and seed choose the same, whatever another balancer did meanwhile. */
  @Test
  default void b3_sameInputsAndSeedChooseTheSame() {
    Rule.check(
        this,
        "B3",
        () -> {
          TestContext one = TestContext.create();
          TestContext other = TestContext.create();
          FakePool left = new FakePool(plugin().create(one), FakeEndpoint.many("e", 5));
          FakePool right = new FakePool(plugin().create(other), FakeEndpoint.many("e", 5));
          for (int i = 0; i < 300; i++) {
            String a = left.dispatch(request(i)).id();
            String b = right.dispatch(request(i)).id();
            require(a.equals(b), "choice %d: %s and %s (expected: the same)", i + 1, a, b);
          }
        });
  }

  /** B4: the list of candidates is neither changed nor kept. */
  @Test
  default void b4_neitherChangesNorKeepsTheCandidates() {
    Rule.check(
        this,
        "B4",
        () -> {
          Balancer balancer = balancer();
          List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 6));
          balancer.members(all);
          List<Endpoint> candidates = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            candidates.clear();
            candidates.addAll(all.subList(i % 2 == 0 ? 0 : 3, i % 2 == 0 ? 3 : 6));
            List<Endpoint> before = List.copyOf(candidates);
            Endpoint chosen = balancer.choose(request(i), candidates);
            require(candidates.equals(before), "changed %s to %s", before, candidates);
            require(chosen != null, "choose returned null (expected: one of %s)", before);
            require(before.contains(chosen), "chose %s (expected: one of %s)", chosen, before);
          }
        });
  }

  /** B5: state of endpoints that left is let go. */
  @Test
  default void b5_letsGoOfEndpointsThatLeft() {
    Rule.check(
        this,
        "B5",
        () -> {
          Balancer balancer = balancer();
          churn(balancer, 0, 200);
          long once = Footprint.of(balancer);
          churn(balancer, 200, 1200);
          long later = Footprint.of(balancer);
          require(
              later <= once + once / 10 + 200,
              "%d objects are held after 200 changes of members, %d after 1200 (expected: no "
                  + "growth)",
              once,
              later);
        });
  }

  private static void churn(Balancer balancer, int from, int to) {
    for (int round = from; round < to; round++) {
      FakePool pool = new FakePool(balancer, FakeEndpoint.many("round" + round + "-", 3));
      for (int i = 0; i < 5; i++) {
        RequestInfo request = request(i);
        pool.finish(pool.dispatch(request), request, Outcomes.ok(0, 1_000_000));
      }
    }
  }

  /** B6: reported loads that are old or unknown make no difference. */
  @Test
  default void b6_staleReportsMakeNoDifference() {
    Rule.check(
        this,
        "B6",
        () -> {
          long hour = 3_600_000_000_000L;
          List<FakeEndpoint> unknown = FakeEndpoint.many("e", 4);
          List<FakeEndpoint> stale = FakeEndpoint.many("e", 4);
          for (int i = 0; i < stale.size(); i++) {
            stale.get(i).reportedLoad(i * 0.3, hour);
          }
          FakePool left = new FakePool(balancer(), unknown);
          FakePool right = new FakePool(balancer(), stale);
          for (int i = 0; i < 200; i++) {
            String a = left.dispatch(request(i)).id();
            String b = right.dispatch(request(i)).id();
            require(
                a.equals(b),
                "choice %d: %s without reports, %s with reports an hour old (expected: the same)",
                i + 1,
                a,
                b);
          }
        });
  }

  /** B7: an endpoint without samples does not draw all the work. */
  @Test
  default void b7_anEndpointWithoutSamplesDoesNotDrawAllTheWork() {
    Rule.check(
        this,
        "B7",
        () -> {
          List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 4);
          endpoints.subList(1, 4).forEach(endpoint -> endpoint.firstContentNanos(500_000_000));
          FakePool pool = new FakePool(balancer(), endpoints);
          for (int i = 0; i < 300; i++) {
            pool.dispatch(request(i));
          }
          require(
              pool.picks("e0") <= 225,
              "%d of 300 open requests went to the endpoint that has not answered yet (expected: "
                  + "225 at most)",
              pool.picks("e0"));
        });
  }

  /** B8: an ending that comes after the endpoint left is taken calmly. */
  @Test
  default void b8_anEndingAfterTheEndpointLeftIsHarmless() {
    Rule.check(
        this,
        "B8",
        () -> {
          Balancer balancer = balancer();
          FakePool before = new FakePool(balancer, FakeEndpoint.many("old", 3));
          List<FakeEndpoint> at = new ArrayList<>();
          Status[] all = Status.values();
          for (int i = 0; i < 30; i++) {
            at.add(before.dispatch(request(i)));
          }
          FakePool after = new FakePool(balancer, FakeEndpoint.many("new", 3));
          for (int i = 0; i < 30; i++) {
            before.finish(at.get(i), request(i), Outcomes.of(all[i % all.length], 0, 1_000));
            after.dispatch(request(100 + i));
          }
        });
  }

  /** B9: a cancelled request leaves no trace: the load it was is gone. */
  @Test
  default void b9_cancelledRequestsLeaveNoLoad() {
    Rule.check(
        this,
        "B9",
        () -> {
          TestContext context = TestContext.create();
          Balancer balancer = plugin().create(context);
          List<FakeEndpoint> both = FakeEndpoint.many("e", 2);
          balancer.members(List.copyOf(both));
          for (int i = 0; i < 1_000; i++) {
            RequestInfo request = request(i);
            balancer.choose(request, List.of(both.getFirst()));
            balancer.dispatched(both.getFirst(), request);
            balancer.finished(
                both.getFirst(),
                request,
                Outcomes.failed(Status.CANCELLED, context.timeline().nanos(), 1_000));
          }
          FakePool pool = new FakePool(balancer, both);
          for (int i = 1_000; i < 1_200; i++) {
            pool.dispatch(request(i));
          }
          require(
              pool.picks("e0") >= 20,
              "%d of 200 requests went to the endpoint whose 1000 requests were cancelled "
                  + "(expected: 20 at least)",
              pool.picks("e0"));
        });
  }

  /** B10, stochastic: equal endpoints share the work of many callers. */
  @Test
  default void b10_stochastic_equalEndpointsShareTheWork() {
    Rule.check(
        this,
        "B10",
        () -> {
          TestContext context = TestContext.create();
          FakePool pool = new FakePool(plugin().create(context), FakeEndpoint.many("e", 4));
          pool.serve(context, 2_000);
          for (int i = 0; i < 4; i++) {
            int picks = pool.picks("e" + i);
            require(
                picks >= 250 && picks <= 1_000,
                "%d of 2000 requests went to one of 4 equal endpoints (expected: 250 to 1000): %s",
                picks,
                pool);
          }
        });
  }

  /** B11, optional: a heavier endpoint gets more. */
  @Test
  default void b11_optional_weightsCount() {
    Rule.check(
        this,
        "B11",
        () -> {
          TestContext context = TestContext.create();
          List<FakeEndpoint> endpoints = FakeEndpoint.many("e", 2);
          endpoints.getFirst().weight(3);
          FakePool pool = new FakePool(plugin().create(context), endpoints);
          pool.serve(context, 2_000);
          require(
              pool.picks("e0") >= 1_300 && pool.picks("e0") <= 1_800,
              "%d of 2000 requests went to the endpoint of weight 3 beside one of weight 1 "
                  + "(expected: 1300 to 1800)",
              pool.picks("e0"));
        });
  }

  /** B12, optional: an endpoint that fails fast, and so is always idle, does not attract. */
  @Test
  default void b12_optional_failingFastDoesNotAttract() {
    Rule.check(
        this,
        "B12",
        () -> {
          int picks = BalancerTrials.picksOfFailingEndpoint(balancer());
          require(
              picks <= 120,
              "%d of 400 requests went to the one of 4 endpoints that fails 95 %% at once, as its"
                  + " errorRate() and the outcomes say (expected: 120 at most)",
              picks);
        });
  }

  /** B13: what belongs together is kept together within the bound on load only. */
  @Test
  default void b13_affinityKeepsItsLoadBound() {
    Rule.check(
        this,
        "B13",
        () -> {
          int most = BalancerTrials.mostOpenOfOneCaller(balancer());
          require(
              most <= Math.ceil(loadBound() * 100),
              "%d of 400 open requests of one caller and prompt are at one of 4 endpoints"
                  + " (expected: %s at most, %s times its share)",
              most,
              Math.ceil(loadBound() * 100),
              loadBound());
        });
  }

  /** B14: an upstream that queues silently never looks fast. */
  @Test
  default void b14_aQueuedUpstreamNeverLooksFast() {
    Rule.check(
        this,
        "B14",
        () -> {
          TestContext context = TestContext.create();
          int picks = BalancerTrials.picksOfSilentEndpoint(plugin().create(context), context);
          require(
              picks <= 350,
              "%d of 1000 requests went to the one of 4 endpoints that never answers (expected: 350"
                  + " at most)",
              picks);
        });
  }

  /** B15: counters that are near their ends, and pass them, change nothing. */
  @Test
  default void b15_countersMayOverflow() {
    Rule.check(
        this,
        "B15",
        () -> {
          TestContext context = TestContext.create();
          Balancer balancer = plugin().create(context);
          BalancerTrials.age(balancer);
          FakePool pool = new FakePool(balancer, FakeEndpoint.many("e", 4));
          pool.serve(context, 2_000);
          for (int i = 0; i < 4; i++) {
            int picks = pool.picks("e" + i);
            require(
                picks >= 250 && picks <= 1_000,
                "%d of 2000 requests went to one of 4 equal endpoints after counters passed their "
                    + "ends (expected: 250 to 1000): %s",
                picks,
                pool);
          }
        });
  }

  /** B16: a million distinct prompts do not grow what is held. */
  @Test
  default void b16_aMillionPromptsDoNotGrowMemory() {
    Rule.check(
        this,
        "B16",
        () -> {
          Balancer balancer = balancer();
          BalancerTrials.prompts(balancer, 0, 100_000);
          long once = Footprint.of(balancer);
          BalancerTrials.prompts(balancer, 100_000, 1_000_000);
          long most = once + once / 10 + 200;
          require(
              Footprint.of(balancer, most) <= most,
              "%d objects are held after 100,000 prompts, more than %d after 1,000,000 (expected: "
                  + "no growth)",
              once,
              most);
        });
  }
}
