package dev.forebay.mechanisms;

import dev.forebay.core.stream.Streams;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A caller that reads its answer to the end, notes it, and then ends its call. */
final class Client {

  final InferenceRequest request;
  final List<Chunk> chunks = new ArrayList<>();
  @Nullable InferenceResponse response;
  @Nullable Failure failure;
  @Nullable Outcome outcome;
  long endedNanos = -1;
  private int endings;

  private Client(InferenceRequest request) {
    this.request = request;
  }

  static Client send(Service service, InferenceRequest request) {
    return send(service, request, 0);
  }

  /** Reads one chunk in so many nanoseconds. */
  static Client send(Service service, InferenceRequest request, long nanosPerChunk) {
    Client client = new Client(request);
    request.call().timeline().execute(() -> client.ask(service, nanosPerChunk));
    return client;
  }

  private void ask(Service service, long nanosPerChunk) {
    service
        .serve(request)
        .onComplete(
            result -> {
              request.call().timeline().check();
              if (result.failed()) {
                end(Failure.from(result.cause()));
              } else {
                read(result.result(), nanosPerChunk);
              }
            });
  }

  void leave() {
    request.call().timeline().execute(request.call()::end);
  }

  boolean ok() {
    return endings == 1 && failure == null;
  }

  boolean over() {
    if (endings > 1) {
      throw new AssertionError(request.info().id() + " ended " + endings + " times");
    }
    return endings == 1;
  }

  Status status() {
    Failure why = failure;
    return why == null ? Status.OK : why.status();
  }

  String reason() {
    Failure why = failure;
    return why == null ? "" : why.reason();
  }

  String header(String name) {
    InferenceResponse head = response;
    return head == null ? "" : String.valueOf(head.headers().get(name));
  }

  String text() {
    StringBuilder text = new StringBuilder();
    chunks.forEach(chunk -> text.append(chunk.data()));
    return text.toString();
  }

  /** What the events of a stream in OpenAI's form say. */
  String content() {
    StringBuilder said = new StringBuilder();
    for (Chunk chunk : chunks) {
      String data = chunk.data().toString();
      if (chunk.kind() != Chunk.Kind.WAITING && data.startsWith("data: {")) {
        JsonArray choices = new JsonObject(data.substring(6)).getJsonArray("choices");
        if (!choices.isEmpty()) {
          JsonObject delta = choices.getJsonObject(0).getJsonObject("delta");
          said.append(delta.getString("content", ""));
        }
      }
    }
    return said.toString();
  }

  Usage usage() {
    Outcome how = outcome;
    return how == null ? Usage.NONE : how.usage();
  }

  private void read(InferenceResponse head, long nanosPerChunk) {
    response = head;
    head.tokens().outcome().onSuccess(how -> outcome = how);
    Promise<Void> read = Promise.promise();
    if (nanosPerChunk == 0) {
      Streams.forEach(head.tokens(), chunks::add).onComplete(read);
    } else {
      readSlowly(head.tokens(), nanosPerChunk, read);
    }
    read.future().onComplete(done -> end(done.failed() ? Failure.from(done.cause()) : null));
  }

  private void readSlowly(TokenStream tokens, long nanosPerChunk, Promise<Void> read) {
    tokens
        .next()
        .onFailure(read::fail)
        .onSuccess(
            chunk -> {
              chunks.add(chunk);
              Runnable then =
                  chunk.last() ? read::complete : () -> readSlowly(tokens, nanosPerChunk, read);
              request.call().timeline().after(nanosPerChunk, then);
            });
  }

  private void end(@Nullable Failure why) {
    request.call().timeline().check();
    endings++;
    failure = why;
    endedNanos = request.call().timeline().nanos();
    request.call().end();
  }
}
