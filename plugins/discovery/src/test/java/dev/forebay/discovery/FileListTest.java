package dev.forebay.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Heard;
import dev.forebay.discovery.file.FileList;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileListTest extends NetworkContract {

  @TempDir Path folder = Path.of("");

  private Path file() {
    return folder.resolve("members.json");
  }

  @Override
  public Plugin<EndpointSource> plugin() {
    return new FileList(file().toString(), Duration.ofMillis(50));
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new TreeMap<>(super.exempt());
    exempt.put("D6", "reads of a file leave no trace; they have an interval");
    return exempt;
  }

  private void write(String text) {
    try {
      Path next = folder.resolve("next");
      Files.writeString(next, text);
      Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Outside outside() {
    return new Outside() {
      private String good = "[]";

      @Override
      public List<Instance> has(int instances) {
        List<String> entries = new ArrayList<>();
        List<Instance> all = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
          entries.add("\"10.0.0.%d:8000\"".formatted(i));
          all.add(Instance.at("10.0.0." + i, 8000));
        }
        good = entries.toString();
        write(good);
        return all;
      }

      @Override
      public void broken(boolean now) {
        write(now ? good.substring(0, good.length() / 2) : good);
      }

      @Override
      public long asked() {
        return 0;
      }

      @Override
      public long open() {
        return 0;
      }
    };
  }

  @Test
  void entriesMayHaveNamesWeightsAndGroups() {
    write(
        """
        [ "10.0.0.1:8000",
          { "address": "[::1]:8001", "id": "gpu", "weight": 2.5, "group": 1 } ]
        """);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(List.of(Instance.at("10.0.0.1", 8000), new Instance("gpu", "::1", 8001, 2.5, 1)));
    heard.close();
  }

  @Test
  void anEntryThatIsWrongLeavesTheOthers() {
    write("[ \"10.0.0.1:8000\", \"10.0.0.2:0\", \"a/b:80\", \"my_llm:8000\", 7 ]");
    Heard heard = Heard.by(stage(), plugin());
    heard.await(List.of(Instance.at("10.0.0.1", 8000), Instance.at("my_llm", 8000)));
    assertEquals(List.of(), heard.failures());
    heard.close();
    List<String> leftOut = leftOut(plugin());
    assertEquals(file() + ": entry 2: port: 0 (expected: 1 to 65535)", leftOut.get(0));
    assertTrue(leftOut.get(1).startsWith(file() + ": entry 3: "), leftOut.toString());
    assertTrue(leftOut.get(2).startsWith(file() + ": entry 5: expected an"), leftOut.toString());
    assertEquals(3, leftOut.size());
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    String path = file() + ": ";
    assertEquals(path + "it cannot be read: no such file or folder", failureOf(null));
    assertEquals(path + "not JSON (expected: a list of addresses)", failureOf("{"));
    assertEquals(path + "no list (expected: a list of addresses)", failureOf("{\"a\":1}"));
    assertEquals(path + "no list (expected: a list of addresses)", failureOf("null"));
    String both = failureOf("[\"a\", \"b\"]");
    assertTrue(both.startsWith(path + "entry 1: address: a (expected"), both);
    assertTrue(both.contains("; entry 2: address: b (expected"), both);
    assertTrue(
        failureOf("[{\"address\":\"a:1\",\"wieght\":1}]")
            .startsWith(
                path + "entry 1: unknown key wieght (expected: one of address, group, id, weight"));
    assertEquals(
        path + "entry 1: a value of the wrong type",
        failureOf("[{\"address\":\"a:1\",\"weight\":\"2\"}]"));
    assertEquals(
        path + "entry 1: weight: 0.0 (expected: > 0, <= 1000000)",
        failureOf("[{\"address\":\"a:1\",\"weight\":0}]"));
    assertEquals(path + "larger than 1 MiB", failureOf(" ".repeat(1 << 21)));
  }

  private String failureOf(@org.jspecify.annotations.Nullable String text) {
    if (text != null) {
      write(text);
    }
    Heard heard = Heard.by(stage(), plugin());
    String why = heard.awaitFailure();
    heard.close();
    return why;
  }
}
