package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import dev.forebay.spi.StreamSource;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The variants of {@code framing-corpus.txt}: the gateway refuses each and closes, or reads it as
 * nginx, HAProxy and Node do. Those of the three that are on the path are asked in the same run,
 * and the run says which.
 */
final class FramingCorpusTest extends EdgeFixture {

  private static final String BODY = "{\"model\":\"m\",\"messages\":[]}";
  private static final String SECOND =
      "GET /healthz HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
  private static final String READ = "READ ";
  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x([0-9a-f]{2})|([rnt0]))");

  /** How long one may be silent before it counts as waiting for more. */
  private static final int SILENT_MILLIS = 10_000;

  /** The same if the gateway refuses: then what the others do is only told. */
  private static final int SILENT_IF_REFUSED_MILLIS = 200;

  /** Most variants are refused, and then the others are silent for as long as they may. */
  private static final int ASKED_AT_ONCE = 16;

  @Test
  void eachVariantIsRefusedOrReadAsTheOthersReadIt(@TempDir Path folder) throws Exception {
    start(builder -> builder.options(FREE_PORT));
    edge = HttpEdge.builder(new Reading()).options(FREE_PORT).build();
    await(edge.listen(vertx));
    List<Variant> corpus = corpus();
    assertTrue(corpus.size() >= 150, () -> corpus.size() + " variants");
    List<String> wrong = new ArrayList<>();
    try (OtherServers others = OtherServers.start(vertx, folder);
        ExecutorService threads = Executors.newFixedThreadPool(ASKED_AT_ONCE)) {
      System.out.println(
          "framing corpus: " + corpus.size() + " variants; asked: " + others.names());
      List<String> strict = new ArrayList<>();
      List<Callable<Asked>> questions = new ArrayList<>();
      corpus.forEach(variant -> questions.add(() -> ask(variant, others)));
      for (java.util.concurrent.Future<Asked> question : threads.invokeAll(questions)) {
        Asked asked = question.get();
        judge(asked, wrong);
        if (asked.ours.isEmpty() && asked.theirs.size() == 3 && agreed(asked.theirs)) {
          strict.add(asked.variant.name);
        }
      }
      System.out.println("framing corpus: refused though all of them agree: " + strict);
    }
    assertEquals(List.of(), wrong);
  }

  private Asked ask(Variant variant, OtherServers others) throws IOException {
    List<String> ours = gateway(variant);
    int patience = ours.isEmpty() ? SILENT_IF_REFUSED_MILLIS : SILENT_MILLIS;
    Map<String, List<String>> theirs = new LinkedHashMap<>();
    for (Map.Entry<String, Integer> other : others.ports().entrySet()) {
      theirs.put(other.getKey(), readings(exchange(other.getValue(), variant.bytes(), patience)));
    }
    return new Asked(variant, ours, theirs);
  }

  private static void judge(Asked asked, List<String> wrong) {
    Variant variant = asked.variant;
    List<String> ours = asked.ours;
    Map<String, List<String>> theirs = asked.theirs;
    if (!ours.equals(variant.readings())) {
      wrong.add(variant.name + ": expected " + variant.readings() + ", read " + ours);
    }
    boolean alike =
        theirs.values().stream()
            .allMatch(their -> variant.cut() ? begins(their, ours) : their.equals(ours));
    if (!ours.isEmpty() && !alike) {
      wrong.add(variant.name + ": read " + ours + ", others " + theirs);
    }
  }

  private static boolean begins(List<String> their, List<String> ours) {
    return their.size() >= ours.size() && their.subList(0, ours.size()).equals(ours);
  }

  private static boolean agreed(Map<String, List<String>> theirs) {
    return !theirs.containsValue(List.of()) && theirs.values().stream().distinct().count() == 1;
  }

  /** What the gateway read; nothing if it refused. */
  private List<String> gateway(Variant variant) throws IOException {
    String answer = exchange(edge.port(), variant.bytes(), SILENT_MILLIS);
    if (answer.matches("(?s)HTTP/1\\.[01] 400 .*")) {
      assertTrue(answer.contains("\"bad_http\""), variant.name + ": " + answer);
      assertEquals(1, answer.split("HTTP/1\\.[01] ", -1).length - 1, variant.name + ": " + answer);
      return List.of();
    }
    return readings(answer.replace("{\"status\":\"ok\"}", READ + "GET /healthz \n"));
  }

  private static List<String> readings(String answer) {
    List<String> found = new ArrayList<>();
    answer
        .lines()
        .filter(l -> l.startsWith(READ))
        .forEach(l -> found.add(l.substring(5).replaceFirst("\\?\\S*", "")));
    return found;
  }

  /** Sends all of it and ends; then reads until the other side closes. */
  private static String exchange(int port, byte[] bytes, int silentMillis) throws IOException {
    StringBuilder answer = new StringBuilder();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(silentMillis);
      socket.getOutputStream().write(bytes);
      InputStream in = socket.getInputStream();
      byte[] part = new byte[8192];
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        answer.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
      }
    } catch (SocketTimeoutException | SocketException e) {
      answer.append("\n[").append(e.getMessage()).append(']');
    }
    return answer.toString();
  }

  static List<Variant> corpus() throws IOException {
    List<Variant> corpus = new ArrayList<>();
    try (InputStream in = FramingCorpusTest.class.getResourceAsStream("framing-corpus.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      for (String line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
        String[] parts = line.split(" \\| ", 3);
        corpus.add(variant(parts[0], parts[1], words(parts[2])));
      }
    }
    return corpus;
  }

  private static Variant variant(String name, String expected, String words) {
    boolean alone = expected.equals("alone");
    return new Variant(name, expected, alone ? words : words + SECOND);
  }

  private static String words(String text) {
    String length = Integer.toString(BODY.length());
    String filled =
        text.replace("{P}", "POST /v1/chat/completions HTTP/1.1\\r\\n")
            .replace("{G}", "GET /healthz HTTP/1.1\\r\\n")
            .replace("{H}", "host: test\\r\\n")
            .replace("{CL}", "content-length: " + length + "\\r\\n")
            .replace("{TE}", "transfer-encoding: chunked\\r\\n")
            .replace("{C}", "{X}\\r\\n{B}\\r\\n0\\r\\n\\r\\n")
            .replace("{N}", "\\r\\n")
            .replace("{B}", BODY)
            .replace("{L}", length)
            .replace("{X}", Integer.toHexString(BODY.length()));
    Matcher escapes = ESCAPE.matcher(filled);
    String raw =
        escapes.replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found.group(1) != null
                        ? String.valueOf((char) Integer.parseInt(found.group(1), 16))
                        : String.valueOf("\r\n\t\0".charAt("rnt0".indexOf(found.group(2))))));
    return raw;
  }

  /** What a variant was read as. */
  private record Asked(Variant variant, List<String> ours, Map<String, List<String>> theirs) {}

  /** A variant: its bytes with the second request. */
  record Variant(String name, String expected, String words) {

    byte[] bytes() {
      return words.getBytes(StandardCharsets.ISO_8859_1);
    }

    boolean cut() {
      return expected.equals("cut");
    }

    List<String> readings() {
      String text = words.stripLeading();
      String target = text.split(" ", 3)[1].replaceFirst("\\?.*", "");
      String first = text.startsWith("POST") ? "POST " + target + " " + BODY : "GET /healthz ";
      return switch (expected) {
        case "read" -> List.of(first, "GET /healthz ");
        case "cut", "alone" -> List.of(first);
        default -> List.of();
      };
    }
  }

  /** Answers with what was read. */
  private static final class Reading implements Service {
    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      StreamSource source = new StreamSource(request.call(), 0, () -> {});
      String query = request.body().toString();
      source.write(
          Chunk.whole(Buffer.buffer(READ + "POST /v1/chat/completions " + query + "\n"), 1));
      return Future.succeededFuture(
          new InferenceResponse("a", 200, Headers.of("content-type", "text/plain"), source));
    }
  }
}
