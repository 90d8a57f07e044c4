package dev.forebay.replay.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes firings of the scrapes at which an alert fired. */
final class Episodes {

  /** An alert may look back so far: what was wrong then counts. */
  private static final int BEFORE_SECONDS = 300;

  private Episodes() {}

  /**
   * The firings of one alert with some labels, in order.
   *
   * @param scrapes at which it fired, in order
   * @param seconds between two scrapes
   */
  static List<AlertReport.Firing> of(
      String combination,
      long seed,
      Map<String, String> labels,
      List<Integer> scrapes,
      ScrapedRun run,
      int seconds) {
    List<AlertReport.Firing> firings = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= scrapes.size(); i++) {
      if (i < scrapes.size() && scrapes.get(i) == scrapes.get(i - 1) + 1) {
        continue;
      }
      int from = scrapes.get(begin);
      int last = scrapes.get(i - 1);
      boolean over = last + 1 < run.scrapes();
      @Nullable Integer ended = over ? (Integer) ((last + 1) * seconds) : null;
      boolean inVain =
          run.errorShare(from - BEFORE_SECONDS / seconds, last) < AlertReport.NEEDED_SHARE;
      firings.add(new AlertReport.Firing(combination, seed, labels, from * seconds, ended, inVain));
      begin = i;
    }
    return firings;
  }
}
