package dev.forebay.examples.servedlog;

// tag::section[]
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.StateReader;
import io.vertx.core.Future;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * A section that logs how much was answered.
 *
 * @param every time between two lines
 */
@Doc("Logs at intervals how many requests were answered.")
public record ServedLog(
    @Doc("Time between two lines.") @Default("10s") @Range(min = 0.1, max = 86_400) Duration every)
    implements Plugin<Section> {

  @Override
  public Section create(PluginContext context) {
    StateReader gateway =
        context
            .resource(StateReader.class)
            .orElseThrow(() -> new IllegalArgumentException("there is no gateway here"));
    return new Section() {
      private Registration next = Registration.NONE;
      private long answered;

      @Override
      public void prepare() {
        context.gauge("answered_per_second", () -> answered / (every.toNanos() / 1e9));
        later(0);
      }

      private void later(long before) {
        next =
            context
                .timeline()
                .after(
                    every.toNanos(),
                    () -> {
                      GatewayState state = gateway.state();
                      long all = state.outcomes().getOrDefault(Status.OK, 0L);
                      answered = all - before;
                      System.getLogger(context.name())
                          .log(Level.INFO, answered + " answered, " + state.open() + " open");
                      later(all);
                    });
      }

      @Override
      public Future<Void> close() {
        next.cancel();
        return Future.succeededFuture();
      }
    };
  }
}
// end::section[]
