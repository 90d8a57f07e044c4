package dev.forebay.replay.warm;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.Operation;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What a warm-up asks, in order.
 *
 * @param requests at most {@value #MAX_REQUESTS}
 */
public record WarmupList(List<WarmupRequest> requests) {

  /** Requests of a list, at most. */
  public static final int MAX_REQUESTS = 1_000_000;

  private static final int CHARACTERS_PER_TOKEN = 4;
  private static final int MAX_PROMPT_CHARACTERS = 64 << 10;

  /** Copies. */
  public WarmupList {
    requests = List.copyOf(requests);
  }

  /**
   * Reads a list: JSON lines with {@code body}, and perhaps {@code operation} and {@code tenant}.
   *
   * @param tenant whose requests to take; null for all
   * @param limit how many at most
   * @throws IllegalArgumentException naming the line that is wrong, and why
   */
  public static WarmupList read(Path file, @Nullable String tenant, int limit) throws IOException {
    List<WarmupRequest> requests = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      int number = 0;
      int most = Math.min(limit, MAX_REQUESTS);
      for (String line = lines.readLine();
          line != null && requests.size() < most;
          line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          WarmupRequest request = request(line, file + ", line " + number);
          if (tenant == null || tenant.equals(request.tenant())) {
            requests.add(request);
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such file (expected: a list)", e);
    }
    return new WarmupList(requests);
  }

  private static WarmupRequest request(String line, String place) {
    try {
      JsonObject json = new JsonObject(line);
      Object body = json.getValue("body");
      if (!(body instanceof String) && !(body instanceof JsonObject)) {
        throw new IllegalArgumentException("body: missing");
      }
      String operation = json.getString("operation", "chat").toUpperCase(Locale.ROOT);
      return new WarmupRequest(
          Operation.valueOf(operation), json.getString("tenant", "default"), body.toString());
    } catch (DecodeException | ClassCastException | IllegalArgumentException e) {
      String why = e instanceof DecodeException ? "no JSON object" : String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          place + ": " + why + " (expected: {\"operation\": \"chat\", \"body\": {...}})", e);
    }
  }

  /**
   * The prompts of a trace whose identity is known, each once, the most frequent first. A trace
   * carries no words: each prompt is made of its number, in its length.
   *
   * @param tenant whose requests to take; null for all
   */
  public static WarmupList of(Trace trace, String model, @Nullable String tenant) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    Map<String, TraceRequest> first = new LinkedHashMap<>();
    for (TraceRequest request : trace.requests()) {
      boolean wanted = tenant == null || tenant.equals(tenantOf(request));
      if (wanted && request.promptId() != TraceRequest.UNKNOWN_PROMPT) {
        String identity = tenantOf(request) + '\n' + request.promptId();
        counts.merge(identity, 1, Integer::sum);
        first.putIfAbsent(identity, request);
      }
    }
    if (first.isEmpty()) {
      throw new IllegalArgumentException(
          "trace: no prompt whose identity is known (expected: a trace that carries it)");
    }
    return new WarmupList(
        first.entrySet().stream()
            .sorted(Comparator.comparingInt(entry -> -counts.getOrDefault(entry.getKey(), 0)))
            .limit(MAX_REQUESTS)
            .map(entry -> madeUp(entry.getValue(), model))
            .toList());
  }

  private static String tenantOf(TraceRequest request) {
    return request.tenant() == null ? "default" : request.tenant();
  }

  private static WarmupRequest madeUp(TraceRequest request, String model) {
    StringBuilder words = new StringBuilder("prompt " + request.promptId() + ":");
    long length =
        Math.min(MAX_PROMPT_CHARACTERS, (long) request.promptTokens() * CHARACTERS_PER_TOKEN);
    while (words.length() < length) {
      words.append(" word");
    }
    JsonObject message = new JsonObject().put("role", "user").put("content", words.toString());
    JsonObject body =
        new JsonObject()
            .put("model", model)
            .put("messages", new JsonArray().add(message))
            .put("stream", request.stream());
    return new WarmupRequest(Operation.CHAT, tenantOf(request), body.encode());
  }

  /** Tells this list from others, so that notes of what is done are not taken for another's. */
  public String identity() {
    CRC32 sum = new CRC32();
    for (WarmupRequest request : requests) {
      sum.update(
          (request.tenant() + '\n' + request.body() + '\n').getBytes(StandardCharsets.UTF_8));
    }
    return requests.size() + "-" + Long.toHexString(sum.getValue());
  }
}
