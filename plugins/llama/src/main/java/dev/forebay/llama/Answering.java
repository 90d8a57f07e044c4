package dev.forebay.llama;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One request, from the queue to the last token. It runs on a thread of its slot and hands over to
 * the timeline of its call.
 *
 * <p>The head is given with the first token: a prompt that is refused is a failure. Tokens are
 * collected while the reader is slow, and handed over as one chunk: a slow reader costs no slot,
 * and what is collected is bounded by the tokens of an answer.
 */
final class Answering implements Slots.Job {

  private static final int MOST_CHARACTERS_PER_TOKEN = 128;

  /** What stands in a text for bytes that are no character: one for up to three of them. */
  private static final char BROKEN = '\uFFFD';

  /** Tokens of a character that is not complete: the engine gives no text for them. */
  private static final int MOST_HELD = 3;

  private final Llama options;
  private final int extraTokens;
  private final InferenceRequest request;
  private final Ask ask;
  private final Slots slots;
  private final Call call;
  private final Timeline timeline;
  private final Frames frames;
  private final long startedNanos;
  private final Promise<InferenceResponse> head = Promise.promise();
  private Registration callEnd = Registration.NONE;
  private volatile boolean stopped;

  private final StringBuilder collected = new StringBuilder(); // guarded by itself, as the next two
  private int collectedTokens;
  private boolean handing;

  private @Nullable StreamSource source; // on the request's timeline, as the next
  private boolean full;

  Answering(
      Llama options, boolean beginsWithToken, InferenceRequest request, Ask ask, Slots slots) {
    this.options = options;
    this.extraTokens = beginsWithToken ? 1 : 0;
    this.request = request;
    this.ask = ask;
    this.slots = slots;
    this.call = request.call();
    this.timeline = call.timeline();
    this.startedNanos = timeline.nanos();
    String model = ask.model() == null ? request.info().model() : ask.model();
    this.frames =
        new Frames(
            request.info().operation(), request.info().id(), model, timeline.epochMillis() / 1000);
  }

  Future<InferenceResponse> start() {
    callEnd = call.onEnd(() -> timeline.execute(this::callEnded));
    Failure full = slots.offer(this);
    if (full != null) {
      refuse(full);
    }
    return head.future();
  }

  @Override
  public void refuse(Failure why) {
    timeline.execute(() -> fail(why));
  }

  @Override
  public void run(Engine engine) {
    if (stopped) {
      return;
    }
    try {
      if (request.info().operation() == Operation.EMBEDDING) {
        embed(engine);
      } else {
        generate(engine);
      }
    } catch (Failure failure) {
      refuse(failure);
    } catch (RuntimeException | LinkageError e) {
      refuse(Failure.overloaded(500, "engine", "the engine failed: " + e.getMessage()));
    }
  }

  private void embed(Engine engine) {
    List<float[]> vectors = new ArrayList<>();
    int tokens = 0;
    for (String text : ask.texts()) {
      if (stopped) {
        return;
      }
      int length = checkedTokens(engine, text);
      if (length == 0) {
        throw AskReader.wrong("input: no token (expected: text)");
      }
      tokens += length;
      vectors.add(engine.embed(text));
    }
    Usage usage = new Usage(tokens, 0, 0, 0);
    Buffer body = frames.embeddings(vectors, ask.base64(), usage);
    timeline.execute(() -> whole(body, 0, usage));
  }

  private void generate(Engine engine) {
    boolean chat = request.info().operation() == Operation.CHAT;
    String prompt = chat ? engine.chat(ask.messages()) : ask.texts().getFirst();
    int promptTokens = checkedTokens(engine, prompt);
    int asked = ask.maxTokens() > 0 ? ask.maxTokens() : options.maxOutput();
    int room = options.context() - promptTokens;
    int most = Math.min(asked, room);
    // The engine does not say why it ends. It is told to go on a little further than it may, so
    // that an end before the bound is the model's own.
    int further = Math.min(most + MOST_HELD, room);
    Engine.Generation answer =
        engine.generate(new Engine.Task(prompt, further, options.reusePrefix(), ask.sampling()));
    int tokens = 0;
    for (String text = answer.next(); text != null; text = answer.next()) {
      if (stopped) {
        answer.cancel();
        return;
      }
      int count = count(engine::tokens, text, !ask.sampling().stop().isEmpty());
      if (tokens + count <= most) {
        collect(text, count);
      }
      tokens += count;
      if (tokens >= most) {
        answer.cancel();
        break;
      }
    }
    boolean atContext = further < most + MOST_HELD && tokens + MOST_HELD >= further;
    String reason = tokens >= most || atContext ? "length" : "stop";
    Usage usage = new Usage(promptTokens, 0, atContext ? most : Math.min(tokens, most), 0);
    timeline.execute(() -> finish(reason, usage));
  }

  /**
   * The tokens of a piece of text: one, except for characters that took several tokens, which come
   * as one piece. Those are counted behind a new line, since a text may get a token for its
   * beginning. Bytes that are no character came from a token each: what stands in their place in
   * the text would be tokens that the engine never made.
   *
   * @param tokens counts those of a text
   * @param joined whether pieces may be joined: the engine holds back what may become a stop text
   */
  static int count(ToIntFunction<String> tokens, String text, boolean joined) {
    int broken = 0;
    boolean wide = joined && text.length() > 1;
    for (int i = 0; i < text.length(); i++) {
      broken += text.charAt(i) == BROKEN ? 1 : 0;
      wide |= text.charAt(i) > 127 && text.charAt(i) != BROKEN;
    }
    if (broken > 0 && broken == text.length()) {
      return broken;
    }
    if (!wide) {
      return broken + 1;
    }
    String whole = text.replace(String.valueOf(BROKEN), "");
    return broken + Math.max(1, tokens.applyAsInt("\n" + whole) - tokens.applyAsInt("\n"));
  }

  private int checkedTokens(Engine engine, String text) {
    boolean sane = text.length() / MOST_CHARACTERS_PER_TOKEN < options.context();
    int tokens = sane ? engine.tokens(text) + extraTokens : Integer.MAX_VALUE;
    if (tokens >= options.context()) {
      throw Failure.of(
          Status.CONTEXT_LENGTH,
          400,
          "context_length_exceeded",
          "the prompt is too long for this model (expected: less than "
              + options.context()
              + " tokens)");
    }
    return tokens;
  }

  private void collect(String text, int tokens) {
    synchronized (collected) {
      collected.append(text);
      collectedTokens += tokens;
      if (handing) {
        return;
      }
      handing = true;
    }
    timeline.execute(this::handOver);
  }

  /** What has been collected becomes a chunk, unless the reader has enough. */
  private void handOver() {
    if (!request.info().stream() || full) {
      return;
    }
    String text;
    int tokens;
    synchronized (collected) {
      handing = false;
      text = collected.toString();
      tokens = collectedTokens;
      collected.setLength(0);
      collectedTokens = 0;
    }
    if (!stopped) {
      StreamSource stream = stream();
      if (!text.isEmpty()) {
        full = !stream.write(Chunk.content(frames.content(text), tokens));
      }
    }
  }

  private void finish(String reason, Usage usage) {
    if (stopped) {
      return;
    }
    if (!request.info().stream()) {
      String text;
      synchronized (collected) {
        text = collected.toString();
      }
      whole(frames.whole(text, reason, usage), usage.completionTokens(), usage);
      return;
    }
    full = false;
    handOver();
    StreamSource stream = stream();
    stream.usage(usage);
    stream.write(new Chunk(frames.finish(reason), Chunk.Kind.TRAILER, 0, false));
    if (ask.usage()) {
      stream.write(new Chunk(frames.usage(usage), Chunk.Kind.TRAILER, 0, false));
    }
    stream.write(new Chunk(Frames.done(), Chunk.Kind.TRAILER, 0, true));
  }

  private void whole(Buffer body, int tokens, Usage usage) {
    if (stopped) {
      return;
    }
    StreamSource stream = respond("application/json");
    stream.usage(usage);
    stream.write(Chunk.whole(body, tokens));
  }

  private StreamSource stream() {
    StreamSource open = source;
    if (open != null) {
      return open;
    }
    StreamSource stream = respond("text/event-stream");
    if (request.info().operation() == Operation.CHAT) {
      stream.write(new Chunk(frames.role(), Chunk.Kind.PRELUDE, 0, false));
    }
    return stream;
  }

  private StreamSource respond(String type) {
    StreamSource stream = new StreamSource(call, startedNanos, this::stop);
    stream.onDrain(this::drained);
    source = stream;
    callEnd.cancel();
    head.tryComplete(
        new InferenceResponse(options.id(), 200, Headers.of("content-type", type), stream));
    return stream;
  }

  private void drained() {
    if (full) {
      full = false;
      handOver();
    }
  }

  private void callEnded() {
    Failure why = call.reason();
    fail(why == null ? Failure.cancelled() : why);
  }

  private void fail(Failure why) {
    if (stopped) {
      return;
    }
    stop();
    callEnd.cancel();
    StreamSource open = source;
    if (open != null) {
      open.fail(why.at(options.id()));
    } else {
      head.tryFail(why.at(options.id()));
    }
  }

  /** The slot's thread sees it with its next token; a request that waits leaves the queue. */
  private void stop() {
    stopped = true;
    slots.remove(this);
  }
}
