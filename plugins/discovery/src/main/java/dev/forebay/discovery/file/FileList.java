package dev.forebay.discovery.file;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Tells of a list in a file, which is looked at again and again: that works for files that are
 * replaced, linked to, or on a network, where notifications of the operating system do not.
 */
public final class FileList implements Provider<EndpointSource, FileList.Options> {

  private static final long INTERVAL_SECONDS = 1;

  /**
   * Options.
   *
   * @param path of the file
   * @param interval from one look to the next
   */
  @Doc(
      "A JSON file that is watched: a list of \"HOST:PORT\", or of {\"address\": \"HOST:PORT\","
          + " \"id\": …, \"weight\": 1, \"group\": 0}. Replace it by renaming: half a file is a"
          + " mistake, and the last list holds. An entry that is wrong is left out, and told of.")
  public record Options(
      @Doc("path of the file, from where the gateway runs") String path,
      @Doc("from one look to the next")
          @Default(INTERVAL_SECONDS + "s")
          @Range(min = 0.02, max = 3600)
          Duration interval) {

    /** The plugin with these options. */
    public Plugin<EndpointSource> plugin() {
      return Plugin.of(new FileList(), this);
    }
  }

  /** A file that is looked at every second. */
  public static Options at(String path) {
    return new Options(path, Duration.ofSeconds(INTERVAL_SECONDS));
  }

  @Override
  public Class<EndpointSource> kind() {
    return EndpointSource.class;
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public EndpointSource create(Options options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "file: there are no files here (expected: a gateway on Vert.x)"));
    return new FileSource(options, context.timeline(), vertx.fileSystem());
  }
}
