package dev.forebay.replay.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.RequestInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadersTest {
  @TempDir Path folder;

  @Test
  void readsAzure2023() {
    Trace trace = open("azure", resource("azure2023.csv"));
    assertEquals(List.of(0L, 250_000_100L, 2_000_000_000L), arrivals(trace));
    assertEquals(200, trace.requests().get(1).promptTokens());
    assertEquals(20, trace.requests().get(1).outputTokens());
    assertEquals(2, trace.requests().get(2).index());
  }

  @Test
  void readsAzure2024WithOffsets() {
    Trace trace = open("azure", resource("azure2024.csv"));
    assertEquals(List.of(0L, 1_000_000_000L, 1_990_070_000L), arrivals(trace));
  }

  @Test
  void readsMooncakeWithPrefixesAndRepeats() {
    Trace trace = open("mooncake", resource("mooncake.jsonl"));
    List<TraceRequest> requests = trace.requests();
    assertEquals(512, trace.blockTokens());
    assertEquals(requests.get(0).promptId(), requests.get(2).promptId());
    assertNotEquals(requests.get(0).promptId(), requests.get(1).promptId());
    assertEquals(requests.get(0).prefix().get(1), requests.get(3).prefix().get(1));
    assertNotEquals(requests.get(0).prefix().get(2), requests.get(3).prefix().get(2));
    assertEquals(List.of(0L, 0L, 0L, 3_000_000_000L, 3_000_000_000L), trace.recordedNanos());
  }

  @Test
  void spreadsMooncakeInsideItsStepsInOrderAndBySeed() {
    Trace trace = open("mooncake", resource("mooncake.jsonl"));
    List<Long> arrivals = arrivals(trace);
    assertEquals(arrivals.stream().sorted().toList(), arrivals);
    assertEquals(5, distinct(arrivals));
    assertTrue(arrivals.get(2) < 3_000_000_000L, "inside its step: " + arrivals);
    assertEquals(List.of(10, 20, 30, 40, 50), outputs(trace));
    assertEquals(trace, open("mooncake", resource("mooncake.jsonl")));
    Trace other = TraceFormats.open("mooncake:" + resource("mooncake.jsonl"), 100, 2);
    assertNotEquals(arrivals, arrivals(other));
  }

  @Test
  void readsBurstGptWithSessionsAndFailures() {
    Trace trace = open("burstgpt", resource("burstgpt.csv"));
    TraceRequest last = trace.requests().get(2);
    assertEquals("a", last.session());
    assertEquals(1, last.turn());
    assertEquals("ChatGPT", last.model());
    assertEquals(EnumSet.of(Carries.LENGTHS, Carries.MODEL, Carries.SESSION), trace.carries());
    assertTrue(trace.notes().get(0).startsWith("1 requests failed"), trace.notes().toString());
    assertEquals(List.of(0L, 0L, 2_000_000_000L), trace.recordedNanos());
  }

  @Test
  void readsBurstGptWithoutSessions() throws IOException {
    String file =
        written(
            "b.csv",
            """
            Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
            1.5,GPT-4,1,2,3,API log
            """);
    assertEquals(EnumSet.of(Carries.LENGTHS, Carries.MODEL), open("burstgpt", file).carries());
  }

  @Test
  void readsItsOwnFormat() {
    Trace trace = open("jsonl", resource("own.jsonl"));
    TraceRequest first = trace.requests().get(0);
    assertEquals(List.of(0L, 249_500_001L, 1_000_000_000L), arrivals(trace));
    assertEquals("acme", first.tenant());
    assertEquals("u1", first.user());
    assertEquals("m", first.model());
    assertEquals(RequestInfo.VIP, first.priority());
    assertFalse(first.stream());
    assertEquals(2, first.prefix().size());
    assertEquals(11, first.prefix().get(0));
    assertTrue(first.promptId() >= 0);
    assertEquals(TraceRequest.UNKNOWN_PROMPT, trace.requests().get(1).promptId());
    assertEquals(1, trace.requests().get(2).turn());
    assertEquals(200_000_000, trace.requests().get(2).thinkNanos());
    assertEquals(EnumSet.of(Carries.PRIORITY), trace.synthetic());
    assertEquals(EnumSet.allOf(Carries.class), trace.carries());
    assertEquals(List.of("made up"), trace.notes());
  }

  @Test
  void readsBackWhatItWrites() throws IOException {
    SyntheticOptions options =
        SyntheticOptions.defaults()
            .with("requests", 200)
            .with("tenants", 3)
            .with("vipShare", 0.2)
            .with("sessionShare", 0.3)
            .with("streamShare", 0.5)
            .with("systemPrompts", 2);
    Trace trace = SyntheticTrace.generate(options, 5);
    StringBuilder text = new StringBuilder();
    JsonlWriter.write(trace, text);
    Trace back = open("jsonl", written("t.jsonl", text.toString()));
    assertEquals(trace.requests(), back.requests());
    assertEquals(trace.carries(), back.carries());
    assertEquals(trace.synthetic(), back.synthetic());
    assertEquals(trace.blockTokens(), back.blockTokens());
  }

  @Test
  void drawsServeGenWithoutLengths() {
    Trace trace = open("servegen", resource("rates.csv"));
    assertEquals(300 + 60 + 120, trace.requests().size());
    assertEquals(EnumSet.of(Carries.LENGTHS), trace.synthetic());
    long second = trace.requests().stream().filter(r -> "client-0".equals(r.tenant())).count();
    assertEquals(300, second);
    assertEquals(trace, open("servegen", resource("rates.csv")));
    Trace other = TraceFormats.open("servegen:" + resource("rates.csv"), 1000, 2);
    assertNotEquals(arrivals(trace), arrivals(other));
  }

  @Test
  void drawsServeGenLengthsFromItsArchive() throws IOException {
    String zero =
        "{\"0\": {\"input_tokens\": \"{7: 1.0}\", \"output_tokens\": \"{3: 0.5, 4: 0.5}\"}}";
    String one =
        "{\"0\": {\"input_tokens\": \"{}\", \"output_tokens\": \"{}\"},"
            + " \"600\": {\"input_tokens\": \"{9: 0.2}\", \"output_tokens\": \"{5: 1}\"}}";
    Path tar = folder.resolve("lengths.tar.gz");
    Files.write(tar, zipped(tar("chunk-0-dataset.json", zero, "chunk-1-dataset.json", one)));
    Trace trace = open("servegen", resource("rates.csv") + "," + tar);
    assertEquals(EnumSet.noneOf(Carries.class), trace.synthetic());
    assertEquals(
        "[client-0 7, client-1 9]",
        trace.requests().stream()
            .map(r -> r.tenant() + " " + r.promptTokens())
            .distinct()
            .sorted()
            .toList()
            .toString());
    assertEquals(List.of(3, 4, 5), outputs(trace).stream().distinct().sorted().toList());
  }

  @Test
  void saysWhatIsWrongWithServeGen() throws IOException {
    String rates = resource("rates.csv");
    assertFails(
        "servegen", rates + "," + written("t.tar", "text ".repeat(200)), "not a tar archive");
    Path none = folder.resolve("none.tar");
    Files.write(none, tar("other.txt", "x"));
    assertFails("servegen", rates + "," + none, "none.tar: no lengths (expected: files chunk-");
    Path bad = folder.resolve("bad.tar");
    Files.write(bad, tar("chunk-0-dataset.json", "{\"0\": {\"input_tokens\": \"{a: 1}\"}}"));
    assertFails(
        "servegen", rates + "," + bad, "bad.tar:chunk-0-dataset.json: token lengths 'a: 1'");
    Path cut = folder.resolve("cut.tar");
    Files.write(cut, Arrays.copyOf(tar("chunk-0-dataset.json", "{}"), 513));
    assertFails("servegen", rates + "," + cut, "the archive ends early");
    String header = "client,window_start_s,rate_rps,cv,dist,arg1,arg2\n";
    assertFails(
        "servegen",
        written("r.csv", header + "0,0,1,1,Pareto,1,1\n"),
        "r.csv:2: dist: 'Pareto' (expected: Gamma, Weibull or nothing)");
    assertFails("servegen", written("s.csv", header + "0,0,1,1,Gamma,0,1\n"), "s.csv:2: arg1: '0'");
    assertFails("servegen", written("q.csv", header + "0,0,0,0,,0,0\n"), "q.csv: no requests");
  }

  @Test
  void unpacksWhateverTheName() throws IOException {
    Path packed = folder.resolve("packed.csv");
    Files.write(packed, zipped(Files.readAllBytes(Path.of(resource("azure2023.csv")))));
    assertEquals(3, open("azure", packed.toString()).requests().size());
  }

  @Test
  void stopsAtTheLimitBeforeWhatIsWrongBehind() throws IOException {
    String text = Files.readString(Path.of(resource("azure2023.csv"))) + "garbage";
    String file = written("long.csv", text);
    assertEquals(3, TraceFormats.open("azure:" + file, 3, 1).requests().size());
    assertFails("azure", file, "long.csv:5: 1 columns (expected: 3, as in the header");
  }

  @Test
  void sortsArrivalsAndSaysSo() throws IOException {
    String file = written("o.jsonl", line(5, 1) + line(3, 2) + line(4, 3));
    Trace trace = open("jsonl", file);
    assertEquals(List.of(2, 3, 1), outputs(trace));
    assertEquals(0, trace.requests().get(0).arrivalNanos());
    assertEquals(
        List.of("1 requests were earlier than the one before; sorted by arrival"), trace.notes());
  }

  @Test
  void saysWhereAFileIsCutOrDamaged() throws IOException {
    byte[] whole = zipped(line(1, 1).repeat(5_000).getBytes(StandardCharsets.UTF_8));
    Path cut = folder.resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertFails("jsonl", cut.toString(), "the compressed data ends early");
    Path stub = folder.resolve("stub.gz");
    Files.write(stub, Arrays.copyOf(whole, 5));
    assertFails("jsonl", stub.toString(), "stub.gz:1: the compressed data ends early");
    assertFails("jsonl", written("plain.gz", "abc"), "plain.gz:1: not compressed");
    assertFails(
        "jsonl",
        written("half.jsonl", line(1, 1) + "{\"arrivalMillis\": 2, \"pro"),
        "half.jsonl:2: '{\"arrivalMillis\": 2, \"pro' (expected: one whole JSON object per line)");
  }

  @Test
  void saysWhatIsWrongInACsv() throws IOException {
    String header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    assertFails("azure", written("e.csv", ""), "e.csv:1: an empty file (expected: columns TIME");
    assertFails("azure", written("h.csv", header), "h.csv: no requests");
    assertFails(
        "azure",
        written("c.csv", "TIMESTAMP,Tokens\n"),
        "c.csv:1: no column ContextTokens, GeneratedTokens in 'TIMESTAMP,Tokens'");
    assertFails(
        "azure",
        written("n.csv", header + "2023-11-16 18:00:00,-5,1\n"),
        "n.csv:2: ContextTokens: '-5' (expected: a number from 0 to 100000000)");
    assertFails(
        "azure",
        written("f.csv", header + "2023-11-16 18:00:00,1.5,1\n"),
        "f.csv:2: ContextTokens: '1.5' (expected: a whole number");
    assertFails("azure", written("w.csv", header + "2023-11-16 18:00:00,NaN,1\n"), "'NaN'");
    assertFails(
        "azure",
        written("t.csv", header + "yesterday,1,1\n"),
        "t.csv:2: TIMESTAMP: 'yesterday' (expected: a time such as");
    assertFails("azure", written("m.csv", header + "2023-13-16 18:00:00,1,1\n"), "TIMESTAMP");
  }

  @Test
  void saysWhatIsWrongInJsonLines() throws IOException {
    assertFails("jsonl", written("a.jsonl", "[1]\n"), "a.jsonl:1: '[1]'");
    assertFails("jsonl", written("e.jsonl", "\n\n"), "e.jsonl: no requests");
    assertFails(
        "jsonl",
        written("b.jsonl", "{\"arrivalMillis\": 1}\n"),
        "b.jsonl:1: no promptTokens (expected: promptTokens, a whole number");
    assertFails(
        "jsonl",
        written("k.jsonl", "{\"arrivalMs\": 1}\n"),
        "k.jsonl:1: unknown key 'arrivalMs' (expected: one of arrivalMillis, promptTokens");
    assertFails(
        "jsonl",
        written("p.jsonl", line(1, 1).replace("}", ", \"priority\": 8}")),
        "p.jsonl:1: priority: '8' (expected: a whole number from 0 to 7)");
    assertFails(
        "jsonl",
        written("x.jsonl", line(1, 1).replace("}", ", \"prefix\": [1]}")),
        "prefix without blockTokens");
    assertFails("jsonl", written("v.jsonl", "{\"forebayTrace\": 2}\n"), "forebayTrace: '2'");
    assertFails(
        "mooncake",
        written("m.jsonl", "{\"timestamp\": -1, \"input_length\": 1, \"output_length\": 1}\n"),
        "m.jsonl:1: timestamp: '-1'");
    assertFails(
        "mooncake",
        written("g.jsonl", "{\"timestamp\": 1, \"input_length\": \"x\", \"output_length\": 1}\n"),
        "g.jsonl:1: input_length: 'x'");
  }

  @Test
  void boundsTheLengthOfLines() throws IOException {
    assertFails(
        "azure",
        written("l.csv", "x".repeat(Lines.MAX_LENGTH + 1)),
        "l.csv:1: a line of more than 4194304 characters");
  }

  @Test
  void listsTheFormatsThatExist() {
    String all =
        "(expected: one of azure, mooncake, servegen, burstgpt, access-log, jsonl; perhaps azure)";
    assertFails("azur", "x", "trace format: 'azur' " + all);
    String message = String.valueOf(failure("nothing").getMessage());
    assertTrue(message.startsWith("trace: 'nothing' (expected: FORMAT:PATH"), message);
    assertFails("azure", folder.toString(), "not a file");
    assertFails("azure", folder.resolve("none").toString(), "no such file");
  }

  private static Trace open(String format, String path) {
    return TraceFormats.open(format + ":" + path, TraceFormats.ALL, 1);
  }

  private static void assertFails(String format, String path, String part) {
    String message = String.valueOf(failure(format + ":" + path).getMessage());
    assertTrue(message.contains(part), message);
    assertFalse(message.contains("\n"), message);
    assertTrue(message.endsWith(")") && message.contains("(expected: "), message);
  }

  private static TraceException failure(String spec) {
    return assertThrows(TraceException.class, () -> TraceFormats.open(spec, TraceFormats.ALL, 1));
  }

  private static List<Long> arrivals(Trace trace) {
    return trace.requests().stream().map(TraceRequest::arrivalNanos).toList();
  }

  private static List<Integer> outputs(Trace trace) {
    return trace.requests().stream().map(TraceRequest::outputTokens).toList();
  }

  private static int distinct(List<Long> values) {
    return values.stream().collect(Collectors.toSet()).size();
  }

  private static String line(int millis, int output) {
    return String.format(
        "{\"arrivalMillis\": %d, \"promptTokens\": 1, \"outputTokens\": %d}%n", millis, output);
  }

  private String written(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static String resource(String name) {
    try {
      return Path.of(
              Objects.requireNonNull(ReadersTest.class.getResource("/traces/" + name)).toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] zipped(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }

  /** A tar archive of name, content, name, content. */
  private static byte[] tar(String... files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < files.length; i += 2) {
      byte[] content = files[i + 1].getBytes(StandardCharsets.UTF_8);
      byte[] header = new byte[512];
      put(header, 0, files[i]);
      put(header, 124, String.format("%011o", content.length));
      header[156] = '0';
      put(header, 257, "ustar");
      bytes.write(header);
      bytes.write(content);
      bytes.write(new byte[(512 - content.length % 512) % 512]);
    }
    bytes.write(new byte[1024]);
    return bytes.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
