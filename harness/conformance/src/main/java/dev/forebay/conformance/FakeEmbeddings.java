package dev.forebay.conformance;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Registration;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * A backend that answers embeddings without a model, always the same for the same text: words and
 * their trigrams, hashed into 256 dimensions. Texts that share words are near. It knows nothing of
 * meaning, so figures that hang on it say nothing about a model.
 */
public final class FakeEmbeddings implements Backend {

  private static final int DIMENSIONS = 256;
  private static final int PIECE = 3;
  private static final float WORD_WEIGHT = 2;

  private final long nanos;
  private int asked;

  private FakeEmbeddings(long nanos) {
    this.nanos = nanos;
  }

  /** Embeddings that take so many nanoseconds. */
  public static FakeEmbeddings taking(long nanos) {
    return new FakeEmbeddings(nanos);
  }

  /** This backend as a plugin: every creation gives it itself. */
  public Plugin<Backend> plugin() {
    return NamedPlugin.of(Backend.class, "fake-embeddings", context -> this);
  }

  /** How many texts it was asked for. */
  public int asked() {
    return asked;
  }

  @Override
  public Facts facts() {
    return Facts.of("fake-embeddings");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    asked++;
    long now = request.call().timeline().nanos();
    StreamSource stream = new StreamSource(request.call(), now, () -> {});
    JsonArray numbers = new JsonArray();
    for (float number : vector(new JsonObject(request.body()).getString("input"))) {
      numbers.add(number);
    }
    JsonObject answer =
        new JsonObject()
            .put("data", new JsonArray().add(new JsonObject().put("embedding", numbers)));
    Registration timer =
        request
            .call()
            .timeline()
            .after(
                nanos,
                () -> {
                  if (!stream.over()) {
                    stream.write(Chunk.whole(answer.toBuffer(), 0));
                  }
                });
    request.call().onEnd(timer::cancel);
    return Future.succeededFuture(new InferenceResponse(facts().id(), 200, Headers.EMPTY, stream));
  }

  /** The vector of a text. */
  static float[] vector(String text) {
    float[] vector = new float[DIMENSIONS];
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    for (String word : plain.split(" ", -1)) {
      vector[Math.floorMod(word.hashCode() * 0x9E3779B9, DIMENSIONS)] += WORD_WEIGHT;
      String padded = "^" + word + "$";
      for (int i = 0; i + PIECE <= padded.length(); i++) {
        int hash = padded.substring(i, i + PIECE).hashCode() * 0x85EBCA6B;
        vector[Math.floorMod(hash ^ (hash >>> 16), DIMENSIONS)] += 1;
      }
    }
    return vector;
  }
}
