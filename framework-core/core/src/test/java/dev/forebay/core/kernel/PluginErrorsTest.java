package dev.forebay.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.timeline.VirtualTimeline;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** What is said about plugins that fail. */
class PluginErrorsTest {

  private final PluginErrors errors = new PluginErrors(new VirtualTimeline());
  private final PluginContext context =
      (PluginContext)
          Proxy.newProxyInstance(
              PluginErrorsTest.class.getClassLoader(),
              new Class<?>[] {PluginContext.class},
              (proxy, method, arguments) -> null);

  @Doc("Compiled for another version.")
  record Old() implements Plugin<Balancer> {
    @Override
    public Balancer create(PluginContext context) {
      throw new NoSuchMethodError("Endpoint.temperature()");
    }
  }

  @Doc("Chooses the first.")
  record First() implements Plugin<Balancer> {
    @Override
    public Balancer create(PluginContext context) {
      return (request, candidates) -> candidates.get(0);
    }
  }

  @Test
  void aPluginForAnotherVersionIsSaidToBeOne() {
    PluginException refused =
        assertThrows(PluginException.class, () -> errors.create(new Old(), context));
    String line = String.valueOf(refused.getMessage());
    String thrown = "plugin old: create threw java.lang.NoSuchMethodError: Endpoint.temperature()";
    assertTrue(line.startsWith(thrown), line);
    assertTrue(line.endsWith(" (expected: a plugin compiled for this version of Forebay)"), line);
  }

  @Test
  void aPluginIsNamedWithItsClass() {
    Balancer first = errors.create(new First(), context);
    assertEquals("first (" + First.class.getName() + ")", errors.named(first));
    assertEquals("java.lang.String", errors.named("never made here"));
  }

  @Test
  void whatReturnsNullIsNamedWithTheCallAndItsPlace() {
    Balancer first = errors.create(new First(), context);
    RuntimeException returned =
        assertThrows(
            RuntimeException.class, () -> errors.required(null, first, "choose", "an endpoint"));
    assertEquals(
        "plugin balance failed: it returned null",
        errors.failure("balance", returned).getMessage());
    assertEquals(
        "first (%s): choose returned null (expected: an endpoint), in balance"
            .formatted(First.class.getName()),
        errors.first());
  }

  @Test
  void theFirstErrorIsKeptAndAllAreCounted() {
    for (int i = 0; i < 2000; i++) {
      errors.note("balance", new IllegalStateException("number " + i));
    }
    assertEquals(2000, errors.count());
    String first = String.valueOf(errors.first());
    assertTrue(first.startsWith("balance") && first.contains("number 0"), first);
  }
}
