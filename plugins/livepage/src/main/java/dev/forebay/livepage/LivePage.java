package dev.forebay.livepage;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.state.StateReader;

/**
 * A page for those who run the gateway, at {@code /live} of the administration. It samples the
 * gateway's state once a second, on a timer, and keeps 900 samples.
 *
 * @param title what the page calls this gateway, so that several can be told apart
 * @param mostEndpoints endpoints that the page lists at most; those that are not up come first
 */
@Doc("A live page at /live of the administration: now, and the last 15 minutes.")
public record LivePage(
    @Doc("What the page calls this gateway.") @Default("Gateway") String title,
    @Doc("Endpoints that the page lists at most; those that are not up come first.")
        @Default("200")
        @Range(min = 1, max = MOST_ENDPOINTS)
        int mostEndpoints)
    implements Plugin<Section> {

  static final int MOST_ENDPOINTS = 1_000;

  private static final int LONGEST_TITLE = 100;

  /** Checks. */
  public LivePage {
    if (title.isBlank() || title.length() > LONGEST_TITLE) {
      throw new IllegalArgumentException(
          "title: " + title.length() + " characters (expected: 1 to " + LONGEST_TITLE + ")");
    }
  }

  /** With everything at its default. */
  public static LivePage defaults() {
    return new LivePage("Gateway", 200);
  }

  @Override
  public Section create(PluginContext context) {
    StateReader state =
        context
            .resource(StateReader.class)
            .orElseThrow(() -> new IllegalArgumentException("there is no gateway here"));
    Monitor monitor = new Monitor(this, state, context);
    context.resource(HttpRoutes.class).ifPresent(routes -> new PageRoutes(monitor).add(routes));
    return monitor;
  }
}
