package dev.forebay.examples.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The main code of all modules: where its sources are, and its compiled classes. */
final class Sources {

  /**
   * Programs that nobody depends on, and the plugin's project, which is no module: they are on no
   * class path. They may look into packages of others: such classes are not checked.
   */
  static final List<String> PROGRAMS =
      List.of("harness/benchmarks", "harness/fuzz", "harness/live", "examples/plugin");

  private static final Path ROOT = Path.of(System.getProperty("forebay.root", ".."));
  private static final String MAIN = "src/main/java";
  private static final Pattern TYPE = Pattern.compile("(dev/forebay/[\\w/]+)(\\$\\w+)*\\.class");

  private final Map<String, String> modules = new TreeMap<>();

  private Sources() {}

  /** Reads which module each class of main code is of. */
  static Sources read() {
    Sources sources = new Sources();
    try (Stream<Path> files = Files.walk(ROOT.toAbsolutePath().normalize())) {
      Path root = ROOT.toAbsolutePath().normalize();
      files
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .filter(file -> file.endsWith(".java") && file.contains("/" + MAIN + "/"))
          .filter(file -> !file.endsWith("package-info.java") && !file.contains("/target/"))
          .forEach(sources::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  private void add(String file) {
    int main = file.indexOf("/" + MAIN + "/");
    String type = file.substring(main + MAIN.length() + 2, file.length() - ".java".length());
    modules.put(type, file.substring(0, main));
  }

  /** Top-level classes of the modules that are on the class path, by full name. */
  Set<String> expected() {
    TreeSet<String> names = new TreeSet<>();
    modules.forEach(
        (type, module) -> {
          if (!PROGRAMS.contains(module)) {
            names.add(type.replace('/', '.'));
          }
        });
    return names;
  }

  /** What the packages of the plugin modules are called, such as {@code redis}. */
  Set<String> plugins() {
    TreeSet<String> names = new TreeSet<>();
    modules.forEach(
        (type, module) -> {
          if (module.startsWith("plugins/")) {
            names.add(type.split("/")[2]);
          }
        });
    return names;
  }

  /** The packages of a module. */
  Set<String> packages(String of) {
    TreeSet<String> names = new TreeSet<>();
    modules.forEach(
        (type, module) -> {
          if (module.equals(of)) {
            names.add(type.substring(0, type.lastIndexOf('/')).replace('/', '.'));
          }
        });
    return names;
  }

  /** Packages that are in more than one module, each with its modules; programs may look in. */
  List<String> split() {
    Map<String, Set<String>> packages = new TreeMap<>();
    modules.forEach(
        (type, module) -> {
          if (!PROGRAMS.contains(module)) {
            String name = type.substring(0, type.lastIndexOf('/')).replace('/', '.');
            packages.computeIfAbsent(name, none -> new TreeSet<>()).add(module);
          }
        });
    return split(packages);
  }

  /** Of packages with their modules, those that have several. */
  static List<String> split(Map<String, Set<String>> packages) {
    List<String> split = new ArrayList<>();
    packages.forEach(
        (name, in) -> {
          if (in.size() > 1) {
            split.add(name + " in " + in);
          }
        });
    return split;
  }

  /** The compiled classes of main code: those on the class path, and those of the programs. */
  JavaClasses classes() {
    List<Path> programs = new ArrayList<>();
    for (String program : PROGRAMS) {
      Path compiled = ROOT.resolve(program).resolve("target/classes");
      if (Files.isDirectory(compiled)) {
        programs.add(compiled);
      }
    }
    List<Location> locations = new ArrayList<>();
    programs.forEach(path -> locations.add(Location.of(path)));
    locations.addAll(Locations.ofPackage("dev.forebay"));
    return new ClassFileImporter().withImportOption(this::isMain).importLocations(locations);
  }

  private boolean isMain(Location location) {
    Matcher type = TYPE.matcher(location.toString());
    String module = type.find() ? modules.get(type.group(1)) : null;
    return module != null && (!PROGRAMS.contains(module) || isOwn(type.group(1), module));
  }

  /** Whether a class of a program is in a package that no other module has. */
  private boolean isOwn(String type, String module) {
    String in = type.substring(0, type.lastIndexOf('/') + 1);
    return modules.entrySet().stream()
        .filter(
            entry -> entry.getKey().startsWith(in) && entry.getKey().indexOf('/', in.length()) < 0)
        .allMatch(entry -> entry.getValue().equals(module));
  }
}
