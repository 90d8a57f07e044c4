package dev.forebay.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

class DropwizardViewTest {

  private final MetricRegistry registry = new MetricRegistry();

  private static Map<String, Family> families(Consumer<Family.Builder> adding) {
    Family.Builder builder = new Family.Builder();
    adding.accept(builder);
    return builder.families();
  }

  private static Map<String, Family> counted(double requests, double length) {
    return families(
        to -> {
          to.counter("forebay_requests", "", Map.of("code", "200"), requests);
          to.gauge("forebay_queue_length", "", Map.of(), length);
        });
  }

  @Test
  void countersAreMetersAndGaugesAreGauges() {
    DropwizardView view = new DropwizardView(registry, false);
    view.update(counted(3, 1));
    view.update(counted(10, 2));
    assertEquals(10, registry.meter("forebay_requests{code=200}").getCount());
    Gauge<?> length = Objects.requireNonNull(registry.getGauges().get("forebay_queue_length"));
    assertEquals(2.0, length.getValue());
    view.close();
  }

  @Test
  void whatIsNoMoreGoesAndAllGoesAtTheEnd() {
    registry.counter("own");
    DropwizardView view = new DropwizardView(registry, false);
    view.update(counted(3, 1));
    view.update(families(to -> to.gauge("forebay_queue_length", "", Map.of(), 1)));
    assertEquals(Set.of("own", "forebay_queue_length"), registry.getNames());
    view.close();
    assertEquals(Set.of("own"), registry.getNames());
  }

  @Test
  void whatOthersRegisterIsExportedIfItCanBeAdded() {
    registry.counter("app.open").inc(2);
    registry.meter("app.orders").mark(5);
    registry.gauge("app.text", () -> (Gauge<String>) () -> "no number");
    registry.gauge(
        "app.broken",
        () ->
            (Gauge<Integer>)
                () -> {
                  throw new IllegalStateException("no connection");
                });
    registry.timer("app.time");
    DropwizardView view = new DropwizardView(registry, false);
    view.update(counted(3, 1));
    Map<String, Family> others = families(view::addOthers);
    assertEquals(Set.of("app_open", "app_orders"), others.keySet());
    Family orders = Objects.requireNonNull(others.get("app_orders"));
    assertEquals(Map.of(Map.of(), 5.0), orders.values());
    assertEquals(Family.Type.COUNTER, orders.type());
    view.close();
  }

  @Test
  void byOptionTheyAreShownByJmx() throws Exception {
    DropwizardView view = new DropwizardView(registry, true);
    view.update(counted(3, 1));
    ObjectName all = new ObjectName("dev.forebay:*");
    assertTrue(
        ManagementFactory.getPlatformMBeanServer().queryNames(all, null).stream()
            .anyMatch(name -> name.toString().contains("forebay_queue_length")));
    view.close();
    assertEquals(Set.of(), ManagementFactory.getPlatformMBeanServer().queryNames(all, null));
  }
}
