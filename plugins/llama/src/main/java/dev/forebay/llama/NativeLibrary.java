package dev.forebay.llama;

import de.kherud.llama.LlamaModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the engine's library to a folder of this process. The binding would unpack it to a name
 * that all processes share, and write a line to stdout.
 */
final class NativeLibrary {

  private static final String PATH = "de.kherud.llama.lib.path";
  private static boolean prepared;

  private NativeLibrary() {}

  /** Unpacks it, once. Where that fails, the binding tries its own ways. */
  static synchronized void prepare() {
    if (prepared || System.getProperty(PATH) != null) {
      return;
    }
    prepared = true;
    String file = System.mapLibraryName("jllama");
    try (InputStream in = open(file)) {
      if (in != null) {
        Path folder = Files.createTempDirectory("forebay-llama");
        Path library = folder.resolve(file);
        Files.copy(in, library);
        folder.toFile().deleteOnExit();
        library.toFile().deleteOnExit();
        System.setProperty(PATH, folder.toString());
        load();
        deleteIfPossible(library, folder);
      }
    } catch (IOException | ReflectiveOperationException | LinkageError e) {
      System.clearProperty(PATH);
    }
  }

  /** The binding loads its library when its class is initialized. */
  private static void load() throws ReflectiveOperationException {
    Class.forName(LlamaModel.class.getName(), true, LlamaModel.class.getClassLoader());
  }

  /** A process that is killed deletes nothing, and a library that is loaded needs no name. */
  private static void deleteIfPossible(Path library, Path folder) {
    try {
      Files.deleteIfExists(library);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // where a loaded library cannot be deleted it is when the process ends
    }
  }

  private static @Nullable InputStream open(String file) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String folder = system.contains("win") ? "Windows" : system.contains("mac") ? "Mac" : "Linux";
    String machine = System.getProperty("os.arch", "");
    String architecture = machine.equals("amd64") ? "x86_64" : machine;
    return LlamaModel.class.getResourceAsStream(
        "/de/kherud/llama/" + folder + "/" + architecture + "/" + file);
  }
}
