package dev.forebay.live;

import io.gatling.http.client.HttpClient;
import io.gatling.http.client.RequestBuilder;
import io.gatling.http.client.body.bytearray.ByteArrayRequestBodyBuilder;
import io.gatling.http.client.resolver.InetAddressNameResolver;
import io.gatling.http.client.uri.Uri;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpMethod;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The caller of one request, on its event loop: sends it when it is due, tries again as OpenAI's
 * clients do, and leaves when its patience is over.
 */
final class Caller {

  private static final long LONGEST_RETRY_AFTER_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** All callers of an event loop share its connections. */
  private static final long POOL = 0;

  private final Plan.Head head;
  private final HttpClient client;
  private final EventLoop loop;
  private final Result result;
  private final Consumer<Result> over;
  private final Uri uri;
  private @Nullable Exchange exchange;
  private @Nullable Future<?> leaving;
  private @Nullable Future<?> pausing;
  private boolean advised;

  Caller(Plan.Head head, HttpClient client, EventLoop loop, Turn turn, Consumer<Result> over) {
    this.head = head;
    this.client = client;
    this.loop = loop;
    this.over = over;
    this.result = new Result(turn);
    this.uri = Uri.create(head.url());
  }

  /** Sends at a moment of {@link System#nanoTime}, which may have passed. */
  void at(long due) {
    result.intended = due;
    byte[] body = Body.of(result.turn);
    long wait = due - System.nanoTime();
    if (wait > 0) {
      loop.schedule(() -> begin(body), wait, TimeUnit.NANOSECONDS);
    } else {
      begin(body);
    }
  }

  private void begin(byte[] body) {
    long left = result.intended + result.turn.patience() - System.nanoTime();
    leaving = loop.schedule(this::leave, Math.max(1, left), TimeUnit.NANOSECONDS);
    ask(body);
  }

  private void ask(byte[] body) {
    Turn turn = result.turn;
    result.status = 0;
    Exchange asked = new Exchange(result, () -> tried(body));
    exchange = asked;
    RequestBuilder request =
        new RequestBuilder(turn.id(), HttpMethod.POST, uri, InetAddressNameResolver.JAVA_RESOLVER)
            .addHeader("content-type", "application/json")
            .addHeader("host", uri.getAuthority())
            .addHeader("x-request-id", id(turn))
            .addHeader("x-forebay-priority", turn.priority())
            .addHeader("x-forebay-deadline-ms", Math.max(1, millisLeft()))
            .setRequestTimeout(TimeUnit.NANOSECONDS.toMillis(turn.patience()) + 60_000)
            .setBodyBuilder(new ByteArrayRequestBodyBuilder(body, null));
    header(request, "authorization", turn.key() == null ? null : "Bearer " + turn.key());
    header(request, "x-forwarded-for", turn.address());
    header(request, "x-forebay-session", turn.session());
    client.sendRequest(request.build(), POOL, loop, asked, null);
  }

  private long millisLeft() {
    return (result.intended + result.turn.patience() - System.nanoTime()) / 1_000_000;
  }

  private String id(Turn turn) {
    return result.tries == 0 ? turn.id() : turn.id() + "." + result.tries;
  }

  private static void header(RequestBuilder request, String name, @Nullable String value) {
    if (value != null) {
      request.addHeader(name, value);
    }
  }

  private void leave() {
    if (pausing != null) {
      pausing.cancel(false);
      result.how = "left";
      result.end = System.nanoTime();
      end();
    } else if (exchange != null) {
      exchange.leave();
    }
  }

  private void tried(byte[] body) {
    if (advised) {
      advised = false;
      result.advised++;
      result.misled += result.status == 200 ? 0 : 1;
    }
    if (!wouldRetry() || result.tries >= head.retries()) {
      end();
      return;
    }
    long told = exchange == null ? -1 : exchange.retryAfterNanos();
    pausing =
        loop.schedule(
            () -> {
              pausing = null;
              advised = told > 0;
              result.tries++;
              ask(body);
            },
            pauseNanos(told),
            TimeUnit.NANOSECONDS);
  }

  private boolean wouldRetry() {
    int status = result.status;
    boolean retryable = status == 408 || status == 409 || status == 429 || status >= 500;
    return result.how.equals("lost")
        || (result.how.equals("refused")
            && retryable
            && exchange != null
            && exchange.retryAfterNanos() <= LONGEST_RETRY_AFTER_NANOS);
  }

  private long pauseNanos(long told) {
    if (told > 0) {
      return told;
    }
    double doubled = head.firstPause() * Math.pow(2, result.tries);
    double pause = Math.min(doubled, head.longestPause());
    double chance = new SplittableRandom(result.intended + result.tries).nextDouble();
    return (long) (pause * (1 - head.jitter() * chance));
  }

  private void end() {
    if (leaving != null) {
      leaving.cancel(false);
    }
    over.accept(result);
  }
}
