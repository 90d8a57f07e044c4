package dev.forebay.accesslog;

import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * A stage that writes one line of JSON for each request when it is over. It belongs first in a
 * pipeline, so that it sees what callers see. A line holds no words of a prompt or an answer, and
 * no credentials. A thread of its own writes; if it falls behind, lines are dropped and counted,
 * and no request waits. In a replay it writes nothing.
 *
 * @param file the file that lines are added to; null for stdout
 * @param queue lines that wait for writing at most
 * @param maxField characters of one text in a line, of which the rest is cut off
 * @param replay whether lines have what a replay needs, too
 */
@Doc("Writes one line of JSON for each request when it is over.")
public record AccessLog(
    @Doc(
            "File that lines are added to; without it, stdout. A file that was moved away or"
                + " removed is begun again within a second.")
        @FileName(later = true)
        @Nullable String file,
    @Doc("Lines that wait for writing at most; further ones are dropped, and counted.")
        @Default("10000")
        @Range(min = 1, max = 1_000_000)
        @Unit("lines")
        int queue,
    @Doc("Characters of one text in a line; the rest is cut off.")
        @Default("256")
        @Range(min = 16, max = 4096)
        @Unit("characters")
        int maxField,
    @Doc(
            "Adds what a replay needs: priority, the caller's patience, and keyed hashes of"
                + " session, user, prompt and the blocks that it begins with.")
        @Default("false")
        boolean replay)
    implements Plugin<Filter> {

  /** With everything at its default: to stdout. */
  public static AccessLog defaults() {
    return Options.defaults(AccessLog.class);
  }

  @Override
  public Filter create(PluginContext context) {
    return context.resource(Vertx.class).isPresent()
        ? new AccessLogFilter(this, context)
        : (request, next) -> next.serve(request);
  }
}
