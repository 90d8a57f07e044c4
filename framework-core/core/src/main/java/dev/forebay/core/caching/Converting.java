package dev.forebay.core.caching;

import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.Recording;
import dev.forebay.core.stream.Streams;
import dev.forebay.dialect.Conversion;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.policy.CachedAnswer;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Those aboard a shared call who want the other form of its answer: they wait for its end, and then
 * the answer is converted, once for all of them who want the same. It reads the recording for them,
 * so that the call goes on where they are the only ones left.
 */
final class Converting {

  private final SharedCall sharedCall;
  private final InferenceResponse head;
  private final Recording record;
  private final List<Waiter> waiting = new ArrayList<>();
  private final Map<Boolean, Optional<CachedAnswer>> made = new HashMap<>();
  private @Nullable Call reading;
  private boolean tooLarge;
  private boolean finished;

  Converting(SharedCall sharedCall, InferenceResponse head, Recording record) {
    this.sharedCall = sharedCall;
    this.head = head;
    this.record = record;
  }

  void add(Waiter waiter) {
    sharedCall.leader.requestTimeline.check();
    waiter.left.cancel();
    if (finished) {
      give(waiter);
      return;
    }
    waiting.add(waiter);
    waiter.left =
        waiter
            .request
            .call()
            .onEnd(() -> sharedCall.leader.requestTimeline.execute(() -> leave(waiter)));
    if (reading == null) {
      Call mine = Call.root(sharedCall.leader.requestTimeline);
      reading = mine;
      Streams.forEach(record.join(mine, false), chunk -> goOn())
          .onComplete(over -> finished(mine, over));
    }
  }

  /** A record past its bound cannot be converted. */
  private void goOn() {
    tooLarge = !record.joinable();
    if (tooLarge) {
      throw Failure.internal("too large to convert", null);
    }
  }

  private void leave(Waiter waiter) {
    Call mine = reading;
    if (waiting.remove(waiter)) {
      waiter.failed(Endings.why(waiter.request.call()));
      if (waiting.isEmpty() && mine != null) {
        reading = null; // what comes of it concerns nobody
        mine.end();
      }
    }
  }

  private void finished(Call mine, AsyncResult<Void> over) {
    mine.end();
    if (reading != mine) {
      return;
    }
    finished = over.succeeded();
    List<Waiter> all = List.copyOf(waiting);
    waiting.clear();
    if (finished) {
      all.forEach(this::give);
    } else if (tooLarge) {
      all.forEach(this::sendBack);
    } else {
      Failure failure = Failure.from(over.cause());
      sharedCall.onLane(() -> sharedCall.stranded(all, failure));
    }
  }

  private void give(Waiter waiter) {
    Optional<CachedAnswer> fitting =
        made.computeIfAbsent(
            waiter.request.info().traits().includeUsage(), usage -> convert(waiter));
    if (fitting.isPresent()) {
      waiter.converted(fitting.get());
    } else {
      sendBack(waiter);
    }
  }

  /** It must not come back here. */
  private void sendBack(Waiter waiter) {
    sharedCall.over();
    waiter.unfit();
  }

  private Optional<CachedAnswer> convert(Waiter waiter) {
    CachedAnswer answer = sharedCall.answer(head, record);
    return Optional.ofNullable(answer == null ? null : Conversion.as(answer, waiter.request));
  }
}
