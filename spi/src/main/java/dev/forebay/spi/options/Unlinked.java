package dev.forebay.spi.options;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a class cannot be linked, in words of what its author can do.
 *
 * @param found what is wrong
 * @param expected what would have been right
 */
public record Unlinked(String found, String expected) {

  private static final Pattern VERSION = Pattern.compile("class file version (\\d+)");

  /** From the version of Java to that of its class files. */
  private static final int FIRST_VERSION = 44;

  private static final String COMPILED =
      "a class compiled for this Java and this version of Forebay, with all that it needs; ";

  /** Whether a class is missing, and not another version of one that is there. */
  public static boolean isAbsent(Throwable error) {
    return !absent(error).isEmpty();
  }

  /** What an error of the class loader or of reflection says. */
  public static Unlinked of(Throwable error) {
    String message = String.valueOf(error.getMessage());
    if (error instanceof UnsupportedClassVersionError) {
      int here = Runtime.version().feature();
      Matcher version = VERSION.matcher(message);
      String java =
          version.find()
              ? "Java " + (Integer.parseInt(version.group(1)) - FIRST_VERSION)
              : "a newer Java";
      return new Unlinked(
          "is compiled for " + java,
          "Java " + here + " or older, which runs here: compile with --release " + here);
    }
    String name = absent(error);
    if (!name.isEmpty()) {
      return new Unlinked(
          "needs the class " + name + ", which is not there",
          name.startsWith("dev.forebay.")
              ? "a plugin for this version of Forebay, with the modules that it needs"
              : "its jar beside that of the plugin, or its classes within");
    }
    return new Unlinked("cannot be loaded", COMPILED + error);
  }

  /** The name of a class that is not there; empty if an error is about something else. */
  private static String absent(Throwable error) {
    if (error instanceof TypeNotPresentException type) {
      return type.typeName();
    }
    String name = String.valueOf(error.getMessage()).replace('/', '.');
    return error instanceof NoClassDefFoundError && name.indexOf(' ') < 0 ? name : "";
  }
}
