package dev.forebay.replay.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EpisodesTest {

  private static final Map<String, String> LABELS = Map.of("alertname", "A");

  /** A hundred scrapes: ten requests in each, and from one scrape on to another all fail. */
  private static ScrapedRun run(int from, int to) {
    ScrapedRun run = new ScrapedRun("i");
    int good = 0;
    int bad = 0;
    for (int i = 0; i < 100; i++) {
      good += i < from || i >= to ? 10 : 0;
      bad += i < from || i >= to ? 0 : 10;
      run.add(
          "# HELP forebay_requests_total r\nforebay_requests_total{code=\"200\"} "
              + good
              + "\nforebay_requests_total{code=\"503\"} "
              + bad
              + "\nforebay_ready 1\n",
          Set.of("forebay_requests_total"));
    }
    return run;
  }

  @Test
  void scrapesInARowAreOneFiring() {
    List<AlertReport.Firing> firings =
        Episodes.of("c", 1, LABELS, List.of(30, 31, 32, 80, 81), run(28, 32), 15);
    assertEquals(2, firings.size());
    assertEquals(450, firings.get(0).fromSeconds());
    assertEquals(495, firings.get(0).endedSeconds());
    assertEquals(1200, firings.get(1).fromSeconds());
  }

  @Test
  void anAlertIsInVainIfHardlyAnybodyGotAnError() {
    List<AlertReport.Firing> firings =
        Episodes.of("c", 1, LABELS, List.of(30, 31, 32, 80, 81), run(28, 32), 15);
    assertEquals(List.of(false, true), firings.stream().map(AlertReport.Firing::inVain).toList());
  }

  @Test
  void oneThatFiresAtTheEndHasNotEnded() {
    assertNull(Episodes.of("c", 1, LABELS, List.of(98, 99), run(0, 0), 15).get(0).endedSeconds());
  }

  @Test
  void aSeriesThatBeginsLaterHasNoValueBefore() {
    ScrapedRun run = new ScrapedRun("i");
    run.add("forebay_ready 1\n", Set.of("forebay_ready", "forebay_picks_total"));
    run.add("forebay_picks_total{part=\"b\"} 7\n", Set.of("forebay_ready", "forebay_picks_total"));
    StringBuilder input = new StringBuilder();
    run.input(input);
    assertTrue(
        input
            .toString()
            .contains(
                "'forebay_picks_total{job=\"forebay\",instance=\"i\",part=\"b\"}'\n"
                    + "        values: '_ 7'"),
        input::toString);
  }

  @Test
  void theTableSaysWhatFiredAndWhatNever() {
    Map<String, Integer> seeds = new TreeMap<>(Map.of("baseline", 2, "everything", 2));
    List<AlertReport.Firing> firings =
        List.of(
            new AlertReport.Firing("baseline", 1, LABELS, 150, 300, false),
            new AlertReport.Firing("baseline", 1, LABELS, 450, null, true));
    String table = new AlertReport(Set.of("A", "B"), seeds, firings).table();
    assertTrue(
        table.contains("baseline     A           1 of 2  2        1        150 s        1 of 2\n"),
        table);
    assertTrue(table.contains("everything   none fired\n"), table);
    assertTrue(table.endsWith("Never fired: B.\n"), table);
  }

  @Test
  void withoutPromtoolTheMessageSaysWhatToInstall() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> AlertRules.read(List.of(), name -> name.equals("PATH") ? "/nowhere" : null));
    assertTrue(refused.toString().contains("apt install prometheus"), refused::toString);
  }
}
