package dev.forebay.discovery.file;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.EndpointSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;

/**
 * Tells of a list in a file, which is looked at again and again: that works for files that are
 * replaced, linked to, or on a network, where notifications of the operating system do not.
 *
 * @param path of the file
 * @param interval from one look to the next
 */
@RecordBuilder
@Named("file")
@Doc(
    "A JSON file that is watched: a list of \"HOST:PORT\", or of {\"address\": \"HOST:PORT\","
        + " \"id\": …, \"weight\": 1, \"group\": 0}. Replace it by renaming: half a file is a"
        + " mistake, and the last list holds. Entries that are wrong are left out, and told of.")
public record FileList(
    @Doc("path of the file, from where the gateway runs") @FileName(later = true) String path,
    @Doc("from one look to the next") @Default("1s") @Range(min = 0.02, max = 3600)
        Duration interval)
    implements Plugin<EndpointSource>, FileListBuilder.With {

  /** A file that is looked at every second. */
  public static FileList at(String path) {
    return Options.defaults(FileList.class, Map.entry("path", path));
  }

  @Override
  public EndpointSource create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "file: there are no files here (expected: a gateway on Vert.x)"));
    return new FileSource(this, context.timeline(), vertx.fileSystem());
  }
}
