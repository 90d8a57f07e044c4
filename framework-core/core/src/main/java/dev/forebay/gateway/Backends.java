package dev.forebay.gateway;

import dev.forebay.core.kernel.HeaderNames;
import dev.forebay.gateway.Parts.Group;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** The backends of a gateway, whichever pools they are in. */
final class Backends implements HeaderNames {

  /** Characters of a backend's id. */
  private static final int MAX_ID = 200;

  private final Host host;
  private final Parts parts;
  private volatile Set<String> passed = Set.of();
  private int made;

  Backends(Host host) {
    this.host = host;
    this.parts = host.parts();
  }

  List<Backend> all() {
    return parts.all(Backend.class);
  }

  /** Makes one, as a part of a group. */
  Backend make(String pool, Group group, Plugin<Backend> plugin) {
    String name = pool + "/" + Plugins.name(plugin) + "-" + made++;
    Backend backend = parts.making(group, null, () -> parts.create(plugin, host.context(name)));
    try {
      checkId(Objects.requireNonNull(backend.facts(), "facts: null (expected: its facts)").id());
    } catch (IllegalArgumentException e) {
      parts.close(backend);
      throw Parts.named(name, e);
    } catch (RuntimeException | Error e) {
      parts.close(backend);
      throw e;
    }
    learnHeaders();
    return backend;
  }

  /** Closes one that is in no pool any more. */
  void left(Backend backend) {
    host.timeline().check();
    parts.left(backend);
    learnHeaders();
  }

  @Override
  public Set<String> passed() {
    return passed;
  }

  private void learnHeaders() {
    Set<String> all = new HashSet<>();
    for (Backend backend : all()) {
      try {
        all.addAll(backend.facts().passedHeaders());
      } catch (Exception | Error e) {
        host.errors().note(host.errors().named(backend), e);
      }
    }
    passed = Set.copyOf(all);
  }

  /** It stands in a header of each answer. */
  private static void checkId(String id) {
    boolean sound =
        !id.isBlank() && id.length() <= MAX_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
    if (!sound) {
      throw new IllegalArgumentException(
          "id: %s (expected: 1 to %d characters of ASCII, no blanks)"
              .formatted(id.replaceAll("[^!-~]", "?"), MAX_ID));
    }
  }
}
