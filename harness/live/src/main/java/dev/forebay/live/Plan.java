package dev.forebay.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What to send: a head, and conversations by the arrival of their first turn. A request that
 * belongs to no session is a conversation of one turn.
 *
 * @param head how to send it
 * @param conversations at least one, each with its turns in order
 */
record Plan(Head head, List<List<Turn>> conversations) {

  /**
   * How callers ask.
   *
   * @param url where requests are posted to
   * @param retries further tries of a caller at most
   * @param firstPause before the first of them, in nanoseconds
   * @param longestPause at most, in nanoseconds
   * @param jitter share of a pause by which chance shortens it at most
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Head(String url, int retries, long firstPause, long longestPause, double jitter) {}

  /** Reads a plan: the head in the first line, a turn in each further one, by arrival. */
  static Plan read(Path file) {
    ObjectMapper json = new ObjectMapper();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      Head head = json.readValue(lines.readLine(), Head.class);
      List<List<Turn>> all = new ArrayList<>();
      Map<String, List<Turn>> sessions = new LinkedHashMap<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Turn turn = json.readValue(line, Turn.class);
        List<Turn> turns =
            turn.session() == null
                ? new ArrayList<>()
                : sessions.computeIfAbsent(turn.session(), id -> new ArrayList<>());
        if (turns.isEmpty()) {
          all.add(turns);
        }
        turns.add(turn);
      }
      return new Plan(head, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
