package dev.forebay.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Balancer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defaults that name plugins, as they are found when plugins are loaded. */
class PluginDefaultsTest {

  @TempDir Path folder;
  private final Mistakes mistakes = new Mistakes();

  /** A balancer that is never made. */
  interface Unmade extends Plugin<Balancer> {
    @Override
    default Balancer create(PluginContext context) {
      throw new UnsupportedOperationException();
    }
  }

  record Fine() implements Unmade, Plugin<Balancer> {}

  record Around(@Default("fine") Plugin<Balancer> inner) implements Unmade, Plugin<Balancer> {}

  record Lonely(@Default("no-such") Plugin<Balancer> inner) implements Unmade, Plugin<Balancer> {}

  record OfLonely(@Default("lonely") Plugin<Balancer> inner) implements Unmade, Plugin<Balancer> {}

  record SelfMade(@Default("self-made") Plugin<Balancer> inner)
      implements Unmade, Plugin<Balancer> {}

  record There(@Default("back") Plugin<Balancer> inner) implements Unmade, Plugin<Balancer> {}

  record Back(@Default("there") Plugin<Balancer> inner) implements Unmade, Plugin<Balancer> {}

  record Endless(@Default("{}") Node node) implements Unmade, Plugin<Balancer> {
    record Node(@Default("{}") Node next) {}
  }

  private Registry load(Class<?>... plugins) throws IOException {
    Path services = folder.resolve(Plugins.SERVICES);
    Files.createDirectories(services.getParent());
    Files.write(services, Arrays.stream(plugins).map(Class::getName).toList());
    URL[] urls = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
      return Registry.load(loader, Map.of(), mistakes);
    }
  }

  private List<String> told() {
    return mistakes.all().stream().map(Mistake::toString).toList();
  }

  @Test
  void aDefaultThatIsThereIsFine() throws IOException {
    assertTrue(load(Fine.class, Around.class).names(Balancer.class).contains("around"));
    assertEquals(List.of(), told());
  }

  @Test
  void aDefaultThatNamesNoPluginIsToldAndSoAreThoseThatHaveItsOwnerAsDefault() throws IOException {
    Registry loaded = load(OfLonely.class, Lonely.class, Fine.class);
    assertTrue(loaded.names(Balancer.class).contains("fine"));
    assertFalse(loaded.names(Balancer.class).contains("of-lonely"));
    assertEquals(2, told().size(), told()::toString);
    assertTrue(
        told()
            .get(0)
            .startsWith(
                Lonely.class.getName()
                    + ": inner: default no-such (expected: the name of a balancer: "),
        told()::toString);
    assertTrue(
        told().get(1).startsWith(OfLonely.class.getName() + ": inner: default lonely (expected: "),
        told()::toString);
  }

  @Test
  void aDefaultThatLeadsBackIsTold() throws IOException {
    assertFalse(
        load(SelfMade.class, There.class, Back.class).names(Balancer.class).contains("self-made"));
    assertEquals(
        List.of(
            SelfMade.class.getName() + ": inner: default self-made" + BACK,
            There.class.getName() + ": inner: default back" + BACK,
            Back.class.getName() + ": inner: default there" + BACK),
        told());
  }

  private static final String BACK =
      " (expected: a plugin whose own defaults do not lead back to this one)";

  @Test
  void recordsThatAreDefaultsOfThemselvesAreTold() throws IOException {
    load(Endless.class);
    assertEquals(
        List.of(
            Endless.class.getName()
                + ": plugin: defaults without an end (expected: defaults that do not lead back to"
                + " themselves)"),
        told());
  }
}
