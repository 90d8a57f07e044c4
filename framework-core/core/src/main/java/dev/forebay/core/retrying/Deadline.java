package dev.forebay.core.retrying;

import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The stage {@code deadline}: bounds on the time of a request, by the wall clock.
 *
 * @param total from arrival to the end of the answer; a caller may ask for less, not for more
 * @param firstContent from arrival to the first content; null for no bound of its own
 * @param nextContent from one content to the next, while the caller waits; null for no bound
 */
@RecordBuilder
@Doc("Bounds on the time of a request, by the wall clock.")
public record Deadline(
    @Doc("From arrival to the end of the answer. A caller may ask for less, not for more.")
        @Default("120s")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        Duration total,
    @Doc(
            "From arrival to the first content of a streamed answer; comments and blank lines are"
                + " no content.")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        @Nullable Duration firstContent,
    @Doc(
            "From one content of a streamed answer to the next, while the caller waits for it;"
                + " comments and blank lines are no content.")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        @Nullable Duration nextContent)
    implements Plugin<Filter>, DeadlineBuilder.With {

  /** Checks that the first content may come before the end. */
  public Deadline {
    if (firstContent != null && firstContent.compareTo(total) > 0) {
      throw new IllegalArgumentException(
          "firstContent: %d ms (expected: at most total, which is %d ms)"
              .formatted(firstContent.toMillis(), total.toMillis()));
    }
  }

  /** Bounds on the whole and on the first content. */
  public Deadline(Duration total, @Nullable Duration firstContent) {
    this(total, firstContent, null);
  }

  @Override
  public Filter create(PluginContext context) {
    return new DeadlineFilter(this);
  }
}
