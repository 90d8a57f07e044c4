package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.logged;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.timeline.VirtualTimeline;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A gateway warns of stages that can do nothing, also one that is made in code, or read again. */
class IdleStageWarningsTest {

  private final VirtualTimeline time = new VirtualTimeline();

  /** A plugin of a user, of the same name as the core's. */
  @Doc("Passes.")
  record Resume() implements Plugin<Filter> {
    @Override
    public Filter create(PluginContext context) {
      return (request, next) -> next.serve(request);
    }
  }

  @Test
  void onlyTheCoresOwnStageResumeIsMeant() {
    Scripted cannot = new Scripted("a", ResumeTest::rest);
    cannot.continues = false;
    String own = logged(() -> builder(p -> p.stage(new Resume()), cannot).build());
    assertFalse(own.contains("resume"), own);
    String core = logged(() -> builder(Pipeline::resume, cannot).build());
    assertTrue(core.contains("resume: no backend can continue an answer"), core);
  }

  @Test
  void aReloadIsJudgedByTheBackendsThatItBrings() {
    Scripted a = new Scripted("a", ResumeTest::rest);
    Scripted b = new Scripted("b", ResumeTest::rest);
    List<Gateway> made = new ArrayList<>();
    String one = logged(() -> made.add(builder(Pipeline::hedge, a).build()));
    assertTrue(one.contains("hedge: there is no second backend"), one);
    assertEquals("", logged(() -> reload(made.get(0), a, b)));
    String again = logged(() -> reload(made.get(0), a));
    assertTrue(again.contains("hedge: there is no second backend"), again);
  }

  private void reload(Gateway gateway, Scripted... backends) {
    Blueprint next = builder(Pipeline::hedge, backends).blueprint();
    assertTrue(gateway.reload(next).succeeded());
  }

  private Gateway.Builder builder(Consumer<Pipeline> stages, Scripted... backends) {
    return Gateway.builder(new Host(time, 1))
        .pipeline(
            pipeline -> {
              stages.accept(pipeline);
              pipeline.backends(List.of(backends).stream().map(World::plugin).toList());
            });
  }
}
