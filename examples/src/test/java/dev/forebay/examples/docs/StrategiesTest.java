package dev.forebay.examples.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every plugin, scenario and combination that docs/strategies.md names exists. */
class StrategiesTest {

  private static final Pattern NAME = Pattern.compile("`([^`]+)`");
  private static final int PLUGIN = 2;
  private static final int SHOWN_BY = 4;
  private static final Registry REGISTRY = Registry.load(StrategiesTest.class.getClassLoader());

  @Test
  void everyPluginThatIsNamedExists() throws IOException {
    Set<String> plugins =
        REGISTRY.descriptions().stream().map(p -> p.name()).collect(Collectors.toSet());
    List<String> unknown = new ArrayList<>();
    int named = 0;
    for (List<String> row : rows()) {
      for (String name : names(row.get(PLUGIN))) {
        named++;
        if (!plugins.contains(name)) {
          unknown.add(row.get(1) + ": " + name);
        }
      }
    }
    assertEquals(List.of(), unknown, "plugins that do not exist");
    assertTrue(named >= 5, "plugins that are named: " + named);
  }

  @Test
  void everyScenarioThatIsNamedExists() throws IOException {
    List<String> unknown = new ArrayList<>();
    int named = 0;
    for (List<String> row : rows()) {
      List<String> names = names(row.get(SHOWN_BY));
      if (!names.isEmpty()) {
        named++;
        unknown.addAll(unknown(names));
      }
    }
    assertEquals(List.of(), unknown, "scenarios and combinations that do not exist");
    assertTrue(named >= 5, "scenarios that are named: " + named);
  }

  @Test
  void everyStrategyHasAPluginOrIsPlanned() throws IOException {
    for (List<String> row : rows()) {
      assertEquals(5, row.size(), "cells of " + row);
      boolean planned = row.get(PLUGIN).startsWith("planned");
      assertTrue(!row.get(PLUGIN).isEmpty(), row.toString());
      assertTrue(!planned || row.get(SHOWN_BY).equals("planned"), "shown, but planned: " + row);
    }
  }

  /** The first name is a scenario, the others are combinations of it. */
  private static List<String> unknown(List<String> names) {
    if (!ScenarioReader.builtIn().contains(names.get(0))) {
      return names;
    }
    Scenario scenario = ScenarioReader.read(names.get(0), REGISTRY, name -> null);
    List<String> combinations = scenario.combinations().stream().map(Combination::name).toList();
    return names.subList(1, names.size()).stream()
        .filter(name -> !combinations.contains(name))
        .toList();
  }

  private static List<List<String>> rows() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    for (String line : Files.readAllLines(QuotesTest.ROOT.resolve("docs/strategies.md"))) {
      if (line.startsWith("| ") && !line.startsWith("| Chapter") && !line.startsWith("| ---")) {
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1, line.lastIndexOf('|')).split("\\|", -1)) {
          cells.add(cell.strip());
        }
        rows.add(cells);
      }
    }
    assertTrue(rows.size() >= 25, "rows: " + rows.size());
    return rows;
  }

  private static List<String> names(String cell) {
    List<String> names = new ArrayList<>();
    Matcher matcher = NAME.matcher(cell);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }
}
