package dev.forebay.replay.live;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The place of the client's class path: the folder {@code live} beside that of this jar, unless the
 * system property {@value #PROPERTY} names another class path.
 */
final class ClientPath {

  /** The system property that names the class path of the client. */
  static final String PROPERTY = "forebay.live";

  private ClientPath() {}

  static String find() {
    @Nullable String named = System.getProperty(PROPERTY);
    if (named != null) {
      return named;
    }
    try {
      Path own =
          Path.of(ClientPath.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path folder = own.resolveSibling("../live").normalize();
      if (Files.isDirectory(folder)) {
        return folder.resolve("*").toString();
      }
      throw new IllegalArgumentException(
          "--mode live: "
              + folder
              + " is not there (expected: the client, which the launcher builds; or -D"
              + PROPERTY
              + "=CLASSPATH)");
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
