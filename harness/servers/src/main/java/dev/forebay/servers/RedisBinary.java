package dev.forebay.servers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/** The program {@code redis-server}: the one that is installed, or else the one of a jar. */
final class RedisBinary {

  private static @Nullable Path found;

  private RedisBinary() {}

  static synchronized Path path() throws IOException {
    Path known = found;
    if (known == null) {
      known = installed();
      if (known == null) {
        known = ExecutableProvider.newJarResourceProvider().get().toPath();
        known.toFile().deleteOnExit();
      }
      found = known;
    }
    return known;
  }

  private static @Nullable Path installed() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path candidate = Path.of(folder, "redis-server");
      if (!folder.isEmpty() && Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    return null;
  }
}
