package dev.forebay.queuing.letterfile;

import dev.forebay.queuing.letterring.LetterRing;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.DeadLetterStore;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;

/**
 * Dead letters in a file, a line of JSON for each, so that they outlive the gateway. Only its owner
 * may read it, if the file system knows owners. A full file is renamed, to {@code PATH.1}, {@code
 * PATH.2} and so on; the oldest is deleted. If there are no files, as in a replay, letters are kept
 * in memory.
 *
 * @param path the file; its folder is there
 * @param maxBytes of all files together, at most 1 GiB; one file at a time is read into memory
 * @param files how many there are at most, at least 2
 */
@RecordBuilder
@Doc("Dead letters in a file, a line of JSON for each; full ones are renamed, the oldest deleted.")
public record LetterFile(
    @Doc("the file; older ones are PATH.1, PATH.2 and so on") @FileName(later = true) String path,
    @Doc("bound on all files together")
        @Default("64MiB")
        @Range(min = 65536, max = 1L << 30)
        @Unit("bytes")
        long maxBytes,
    @Doc("files at most") @Default("4") @Range(min = 2, max = 100) @Unit("files") int files)
    implements Plugin<DeadLetterStore>, LetterFileBuilder.With {

  /** A file, with the bounds of the defaults: 64 MiB in four files. */
  public static LetterFile at(String path) {
    return Options.defaults(LetterFile.class, Map.entry("path", path));
  }

  @Override
  public DeadLetterStore create(PluginContext context) {
    return context
        .resource(Vertx.class)
        .<DeadLetterStore>map(
            vertx ->
                new FileStore(
                    new RotatedFile(Path.of(path), maxBytes / files, files),
                    vertx,
                    context.timeline()))
        .orElseGet(() -> context.create(LetterRing.defaults()));
  }
}
