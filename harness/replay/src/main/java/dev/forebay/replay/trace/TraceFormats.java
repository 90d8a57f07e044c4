package dev.forebay.replay.trace;

import dev.forebay.spi.options.Names;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The formats of traces that can be read. */
public final class TraceFormats {
  /** A limit that lets every request through. */
  public static final int ALL = Integer.MAX_VALUE;

  private static final List<TraceFormat> FORMATS =
      List.of(
          new AzureFormat(),
          new MooncakeFormat(),
          new ServeGenFormat(),
          new BurstGptFormat(),
          new AccessLogFormat(),
          new JsonlFormat());

  private TraceFormats() {}

  /**
   * Reads a trace.
   *
   * @param spec {@code FORMAT:PATH}, such as {@code azure:AzureLLMInferenceTrace_conv.csv}; gzipped
   *     or not
   * @param limit the most requests to read, from the start of the file; at least 1
   * @param seed decides what the format leaves open, such as arrivals inside coarse stamps
   * @throws TraceException with one clear line
   */
  public static Trace open(String spec, int limit, long seed) {
    int colon = spec.indexOf(':');
    if (colon < 1 || colon == spec.length() - 1) {
      throw new TraceException(
          "trace: '%s' (expected: FORMAT:PATH, FORMAT %s)"
              .formatted(spec, Names.oneOf(formats().keySet(), "")));
    }
    String name = spec.substring(0, colon);
    for (TraceFormat format : FORMATS) {
      if (format.name().equals(name)) {
        return format.read(spec.substring(colon + 1), limit, seed);
      }
    }
    String known = Names.oneOf(formats().keySet(), name);
    throw new TraceException("trace format: '" + name + "' (expected: " + known + ")");
  }

  /** The formats that exist, each with one line about it. */
  public static Map<String, String> formats() {
    Map<String, String> about = new LinkedHashMap<>();
    FORMATS.forEach(format -> about.put(format.name(), format.about()));
    return about;
  }
}
