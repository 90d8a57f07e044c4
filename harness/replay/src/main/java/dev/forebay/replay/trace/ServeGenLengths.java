package dev.forebay.replay.trace;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Token lengths of ServeGen's clients: a distribution per client and window of hours. */
final class ServeGenLengths {
  private static final Pattern NAME = Pattern.compile("chunk-(\\w+)-dataset\\.json$");

  private final String file;
  private final Map<String, NavigableMap<Long, Lengths>> clients = new LinkedHashMap<>();

  /** Reads an archive of {@code chunk-CLIENT-dataset.json}. */
  ServeGenLengths(String file) {
    this.file = file;
    try (Tar tar = new Tar(file)) {
      for (byte[] json = tar.next(); json != null; json = tar.next()) {
        Matcher client = NAME.matcher(tar.name());
        if (client.find()) {
          clients.put(client.group(1), windows(json, tar));
        }
      }
    }
    if (clients.isEmpty()) {
      throw new TraceException(file + ": no lengths (expected: files chunk-CLIENT-dataset.json)");
    }
  }

  /** A client's lengths at a time; those of its nearest window where this one has none. */
  Lengths of(String client, long second) {
    NavigableMap<Long, Lengths> windows = clients.get(client);
    if (windows == null || windows.isEmpty()) {
      throw new TraceException(
          file + ": no lengths of client " + client + " (expected: of every client with traffic)");
    }
    Map.Entry<Long, Lengths> before = windows.floorEntry(second);
    return before != null ? before.getValue() : windows.firstEntry().getValue();
  }

  private static NavigableMap<Long, Lengths> windows(byte[] json, Tar tar) {
    NavigableMap<Long, Lengths> windows = new TreeMap<>();
    JsonObject document = document(json, tar);
    for (String start : document.fieldNames()) {
      if (!(document.getValue(start) instanceof JsonObject window)) {
        throw tar.error("window " + TraceException.quoted(start), "a JSON object");
      }
      Histogram prompt = Histogram.parse(window.getValue("input_tokens"), tar);
      Histogram output = Histogram.parse(window.getValue("output_tokens"), tar);
      if (prompt != null && output != null) {
        windows.put(seconds(start, tar), new Lengths(prompt, output));
      }
    }
    return windows;
  }

  private static JsonObject document(byte[] json, Tar tar) {
    try {
      return new JsonObject(Buffer.buffer(json));
    } catch (DecodeException | ClassCastException e) {
      throw tar.error("not JSON, or cut", "{window_start_s: {input_tokens, output_tokens}}");
    }
  }

  private static long seconds(String start, Tar tar) {
    try {
      return Long.parseLong(start);
    } catch (NumberFormatException e) {
      throw tar.error("window " + TraceException.quoted(start), "its start in whole seconds");
    }
  }

  /** Of prompts and of answers, in tokens. */
  record Lengths(Histogram prompt, Histogram output) {}

  /** Token lengths and how likely they are. */
  static final class Histogram {
    private final int[] lengths;
    private final double[] cumulative;

    private Histogram(int[] lengths, double[] cumulative) {
      this.lengths = lengths;
      this.cumulative = cumulative;
    }

    int draw(Draws draws) {
      double at = draws.unit() * cumulative[cumulative.length - 1];
      int found = Arrays.binarySearch(cumulative, at);
      return lengths[Math.min(found >= 0 ? found + 1 : -found - 1, lengths.length - 1)];
    }

    /** Parses <code>{50: 0.04, 51: 0.08}</code>; null for <code>{}</code>. */
    static @Nullable Histogram parse(@Nullable Object value, Tar tar) {
      String expected = "a text such as '{50: 0.04, 51: 0.96}'";
      if (!(value instanceof String text) || !text.startsWith("{") || !text.endsWith("}")) {
        throw tar.error("token lengths " + TraceException.quoted("" + value), expected);
      }
      String inner = text.substring(1, text.length() - 1);
      if (inner.isBlank()) {
        return null;
      }
      String[] pairs = inner.split(",");
      int[] lengths = new int[pairs.length];
      double[] cumulative = new double[pairs.length];
      double sum = 0;
      for (int i = 0; i < pairs.length; i++) {
        int colon = pairs[i].indexOf(':');
        try {
          lengths[i] = length(pairs[i].substring(0, colon).trim());
          sum += probability(pairs[i].substring(colon + 1).trim());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
          throw tar.error("token lengths " + TraceException.quoted(pairs[i].trim()), expected);
        }
        cumulative[i] = sum;
      }
      return sum > 0 ? new Histogram(lengths, cumulative) : null;
    }

    private static int length(String text) {
      double length = Double.parseDouble(text);
      if (!(length >= 0 && length <= TraceRequest.MAX_TOKENS)) {
        throw new IllegalArgumentException(text);
      }
      return (int) Math.round(length);
    }

    private static double probability(String text) {
      double probability = Double.parseDouble(text);
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException(text);
      }
      return probability;
    }
  }
}
